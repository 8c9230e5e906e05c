"""◆ M1ND H4S QU3STI0NS: what agents ask the operator and each other, and what came of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.wire import names
from harness.wire.agent_api import Question
from web import topics, words
from web.section import Section
from web.services import Services
from web.visit import Visit

ENDED = 10
ALL = 100
EVERYBODY, TO_ME, BETWEEN_AGENTS = "all", "to me", "between agents"
"""What can be chosen, beside the name of somebody who asks or is asked; none of them can be a name."""


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """The pending ones, those whose time runs out first on top, and the latest of the others, newest first."""
    known = services.reads.questions()
    asked = visit.query.get("asked") or EVERYBODY
    rows = [row for row in known.value if _concerns(row, asked)]
    pending = [row for row in rows if row.status == "pending"]
    ended = [row for row in reversed(rows) if row.status != "pending"]
    shown = ALL if visit.query.get("questions") == "all" else ENDED
    return {
        "pending": sorted(pending, key=lambda row: (row.deadline_at is None, row.deadline_at or "", row.id)),
        "ended": ended[:shown],
        "hidden": max(0, len(ended) - shown),
        "asked": asked,
        "filters": _filters(known.value, asked),
        "stale": known.as_of_ms if known.stale else None,
    }


def _concerns(row: Question, asked: str) -> bool:
    match asked:
        case "all":
            return True
        case "to me":
            return row.target == names.OPERATOR
        case "between agents":
            return row.target != names.OPERATOR
    return asked in (names.container_name(row.asker), names.container_name(row.target))


def _filters(rows: Sequence[Question], asked: str) -> list[str]:
    """No filter where there is nothing to choose from; the one in force is there even if nobody is left for it."""
    if len(rows) < 2 and asked == EVERYBODY:
        return []
    heard = {name for row in rows for name in (row.asker, row.target)} - {names.OPERATOR}
    return list(dict.fromkeys([EVERYBODY, TO_ME, BETWEEN_AGENTS, *sorted(map(names.container_name, heard)), asked]))


SECTION = Section(
    name="questions",
    title=words.QUESTIONS,
    template="questions",
    topics=(topics.QUESTIONS,),
    fetch=fetch,
    keeps=("questions", "asked"),
)
