"""◆ MESS4GE FL0W: every message of the hive, newest at the bottom, with a filter. The search box leads to `/search`."""

from collections.abc import Mapping
from typing import Any

from harness.wire import names
from harness.wire.agent_api import Message, MessageKind
from harness.wire.errors import HiveError
from web.app import WebApp
from web.daemon import topics
from web.daemon.rows import FLOW_ROWS
from web.http.request import HttpRequest
from web.presentation import titles
from web.sections.section import Section, own_query

ALL, TO_ME, SYSTEM, UNDELIVERED = "all", "to me", "system", "never delivered"


def matches(mail: Message, show: str) -> bool:
    """Whether a message passes the filter.

    The filter is `all`, `to me`, `system`, `never delivered` or the name of an agent.
    """
    parties = {names.broker_name(mail.from_), names.broker_name(mail.to)}
    if show == TO_ME and names.OPERATOR not in parties:
        return False
    if show == SYSTEM and mail.from_ != names.SYSTEM and mail.kind is MessageKind.MESSAGE:
        return False
    return show in (ALL, TO_ME, SYSTEM, UNDELIVERED, "") or names.broker_name(show) in parties


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
    """The last messages that match, and the filters to choose from."""
    show = _filter(request)
    cached = app.rows.messages()
    filtered = show != ALL
    candidates = app.rows.messages_after(0) if filtered else cached.value
    if show == UNDELIVERED:
        candidates = app.rows.undelivered().value
    return {
        "mails": [mail for mail in candidates if matches(mail, show)],
        "filtered": filtered,
        "more": not filtered and len(cached.value) >= FLOW_ROWS,
        "last": cached.value[-1].id if cached.value else 0,
        "show": show,
        "filters": [ALL, TO_ME, SYSTEM, UNDELIVERED, *_agents(app)],
        "query": own_query(SECTION, request),
        "stale": cached.stale_as_of_ms,
    }


def rows(app: WebApp, request: HttpRequest) -> list[Message]:
    """The messages after the id `after`, or the page before the id `before`, that match."""
    show = _filter(request)
    before = request.optional_number("before")
    if show == UNDELIVERED:
        return []  # the section has all of them; a message that comes is on its way
    if before is not None:
        found = app.rows.messages(before=before).value
    else:
        found = app.rows.messages_after(request.optional_number("after") or 0)
    return [mail for mail in found if matches(mail, show)]


def _filter(request: HttpRequest) -> str:
    return request.query.get("show", ALL)


def _agents(app: WebApp) -> list[str]:
    try:
        return [names.container_name(row.name) for row in app.rows.agents().value]
    except HiveError:
        return []


SECTION = Section(
    name="flow",
    title=titles.FLOW,
    template="sections/flow",
    topics=(topics.FLOW,),
    fetch=fetch,
    query_keys=("show",),
    appends=True,
)
