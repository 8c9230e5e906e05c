"""◆ N33DS Y0U: one ranked list of everything that waits for the operator."""

from collections.abc import Mapping
from typing import Any

from web import topics, words
from web.needs import needs
from web.section import Section
from web.services import Services
from web.visit import Visit


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """The list, and the id up to which mail is read when all of it is marked."""
    agents, inbox = services.reads.agents(), services.reads.inbox()
    waiting = needs(agents.value, inbox.value, visit.seen)
    newest = max((identity for need in waiting for identity in need.ids), default=None)
    return {"needs": waiting, "newest": newest, "stale": agents.as_of_ms if agents.stale else None}


SECTION = Section(
    name="needs",
    title=words.NEEDS_YOU,
    template="needs",
    topics=(topics.AGENTS, topics.INBOX),
    fetch=fetch,
)
