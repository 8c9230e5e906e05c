"""◆ M1ND H4S QU3STI0NS: what agents ask the operator and each other, and what came of it."""

from collections.abc import Mapping
from typing import Any

from web import topics, words
from web.section import Section
from web.services import Services
from web.visit import Visit

ENDED = 10
ALL = 100


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """The pending ones, those whose time runs out first on top, and the latest of the others, newest first."""
    known = services.reads.questions()
    pending = [row for row in known.value if row.status == "pending"]
    ended = [row for row in reversed(known.value) if row.status != "pending"]
    shown = ALL if visit.query.get("questions") == "all" else ENDED
    return {
        "pending": sorted(pending, key=lambda row: (row.deadline_at is None, row.deadline_at or "", row.id)),
        "ended": ended[:shown],
        "hidden": max(0, len(ended) - shown),
        "stale": known.as_of_ms if known.stale else None,
    }


SECTION = Section(
    name="questions",
    title=words.QUESTIONS,
    template="questions",
    topics=(topics.QUESTIONS,),
    fetch=fetch,
    keeps=("questions",),
)
