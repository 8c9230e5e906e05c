"""◆ N33DS Y0U: one ranked list of everything that waits for the operator, with what can be done about it."""

from collections.abc import Mapping
from typing import Any

from web import topics, words
from web.section import Section
from web.sections.approvals import weights
from web.services import Services
from web.visit import Visit
from web.waiting import waiting


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """The list, the size of each change, and the id up to which mail is read when all of it is marked."""
    found = waiting(services, visit)
    return {
        "needs": found.needs,
        "failed": found.failed,
        "weights": weights(services, [need.approval for need in found.needs if need.approval is not None]),
        "stale": found.stale,
    }


SECTION = Section(
    name="needs",
    title=words.NEEDS_YOU,
    template="needs",
    topics=(topics.AGENTS, topics.INBOX, topics.APPROVALS, topics.QUESTIONS),
    fetch=fetch,
)
