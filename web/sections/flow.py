"""◆ MESS4GE FL0W: everything that is said in the hive, newest at the bottom, filtered and searched."""

from collections.abc import Mapping
from typing import Any

from harness.wire import names
from harness.wire.agent_api import Message, MessageKind
from harness.wire.errors import HiveError
from web import reads, topics, words
from web.section import Section, own_query
from web.services import Services
from web.visit import Visit

ALL, TO_ME, SYSTEM = "all", "to me", "system"


def matches(mail: Message, show: str, search: str) -> bool:
    """Whether a message passes the filter (`all`, `to me`, `system`, an agent's name) and holds the searched text."""
    parties = {names.broker_name(mail.from_), names.broker_name(mail.to)}
    if show == TO_ME and names.OPERATOR not in parties:
        return False
    if show == SYSTEM and mail.from_ != names.SYSTEM and mail.kind is MessageKind.MESSAGE:
        return False
    if show not in (ALL, TO_ME, SYSTEM, "") and names.broker_name(show) not in parties:
        return False
    wanted = search.casefold()
    return (
        not wanted or wanted in mail.body.casefold() or wanted in mail.from_.casefold() or wanted in mail.to.casefold()
    )


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """The last messages that match, with the filters there are."""
    show, search = visit.query.get("show", ALL), visit.query.get("q", "").strip()
    known = services.reads.messages()
    filtered = show != ALL or bool(search)
    candidates = services.reads.messages_after(0) if filtered else known.value
    mails = [mail for mail in candidates if matches(mail, show, search)]
    return {
        "mails": mails,
        "filtered": filtered,
        "more": not filtered and len(known.value) >= reads.FLOW_ROWS,
        "last": known.value[-1].id if known.value else 0,
        "show": show,
        "search": search,
        "filters": [ALL, TO_ME, SYSTEM, *_agents(services)],
        "query": own_query(SECTION, visit),
        "stale": known.as_of_ms if known.stale else None,
    }


def rows(services: Services, visit: Visit) -> list[Message]:
    """The messages after `after`, or the page before `before`, that match."""
    show, search = visit.query.get("show", ALL), visit.query.get("q", "").strip()
    before = visit.optional_number("before")
    if before is not None:
        found = services.reads.messages(before=before).value
    else:
        found = services.reads.messages_after(visit.optional_number("after") or 0)
    return [mail for mail in found if matches(mail, show, search)]


def _agents(services: Services) -> list[str]:
    try:
        return [names.container_name(row.name) for row in services.reads.agents().value]
    except HiveError:
        return []


SECTION = Section(
    name="flow",
    title=words.FLOW,
    template="flow",
    topics=(topics.FLOW,),
    fetch=fetch,
    keeps=("show", "q"),
    appends=True,
)
