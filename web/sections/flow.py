"""◆ MESS4GE FL0W: every message of the hive, newest at the bottom, with a filter. The search box leads to `/search`."""

from collections.abc import Mapping
from typing import Any

from harness.wire import names
from harness.wire.agent_api import Message
from harness.wire.errors import bad_request
from web.app import WebApp
from web.daemon import topics
from web.daemon.rows import FLOW_ROWS
from web.http.request import HttpRequest
from web.presentation import titles
from web.sections.section import Section, own_query

ALL, TO_ME, SYSTEM, UNDELIVERED = FILTERS = "all", "to me", "system", "never delivered"
"""Any other filter is the name of an agent."""


def part_of(show: str) -> dict[str, Any]:
    """What the daemon is asked for: the filter is `all`, `to me`, `system` or the name of an agent."""
    match show:
        case "" | "all":
            return {}
        case "to me":
            return {"party": names.OPERATOR}
        case "system":
            return {"system": True}
        case _:
            return {"party": _agent(show)}


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
    """The last messages that match, and the filters to choose from."""
    show = _filter(request)
    newest = app.rows.messages()
    cached = app.rows.undelivered() if show == UNDELIVERED else app.rows.messages(**part_of(show))
    return {
        "mails": cached.value,
        "filtered": show != ALL,
        "more": show != UNDELIVERED and len(cached.value) >= FLOW_ROWS,
        "last": newest.value[-1].id if newest.value else 0,
        "show": show,
        "filters": FILTERS,
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
        found = app.rows.messages(before=before, **part_of(show)).value
    else:
        found = app.rows.messages_after(request.optional_number("after") or 0, **part_of(show))
    return found


def _agent(name: str) -> str:
    try:
        return names.broker_name(names.check_agent_name(name))
    except ValueError as error:
        raise bad_request(f"no agent has the name {name[:40]!r}", str(error)) from None


def _filter(request: HttpRequest) -> str:
    return request.query.get("show", ALL)


SECTION = Section(
    name="flow",
    title=titles.FLOW,
    template="sections/flow",
    topics=(topics.FLOW,),
    fetch=fetch,
    query_keys=("show",),
    appends=True,
)
