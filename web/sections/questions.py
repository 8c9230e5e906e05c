"""◆ M1ND H4S QU3STI0NS: the questions of agents to the operator and to each other, and their answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.wire import names
from harness.wire.agent_api import Question
from web.app import WebApp
from web.daemon import topics
from web.http import urls
from web.http.request import HttpRequest
from web.presentation import titles
from web.sections.section import Section

ENDED = 10
ALL = 100
EVERYBODY, TO_ME, BETWEEN_AGENTS = "all", "to me", "between agents"
"""The filters beside the names of agents; none of them can be the name of an agent."""


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
    """The pending ones between agents, the next to expire on top, and the latest of the others, newest first.

    Those to the operator are counted: they stand in N33DS Y0U.
    """
    cached = app.rows.questions()
    asked = request.query.get("asked") or EVERYBODY
    rows = [row for row in cached.value if _concerns(row, asked)]
    pending = [row for row in rows if row.status == "pending" and row.target != names.OPERATOR]
    mine = [row for row in rows if row.status == "pending" and row.target == names.OPERATOR]
    ended = [row for row in reversed(rows) if row.status != "pending"]
    shown = ALL if request.query.get("questions") == "all" else ENDED
    return {
        "pending": sorted(pending, key=lambda row: (row.deadline_at is None, row.deadline_at or "", row.id)),
        "mine": len(mine),
        "to_need": urls.home(need=f"question-{mine[0].id}") if mine else "",
        "ended": ended[:shown],
        "hidden": max(0, len(ended) - shown),
        "asked": asked,
        "filters": _filters(cached.value, asked),
        "stale": cached.stale_as_of_ms,
        "omitted": cached.omitted,
    }


def _concerns(row: Question, asked: str) -> bool:
    if asked == EVERYBODY:
        return True
    if asked == TO_ME:
        return row.target == names.OPERATOR
    if asked == BETWEEN_AGENTS:
        return row.target != names.OPERATOR
    return asked in (names.container_name(row.asker), names.container_name(row.target))


def _filters(rows: Sequence[Question], asked: str) -> list[str]:
    """No filters where there is nothing to choose from; the active one is always among them."""
    if len(rows) < 2 and asked == EVERYBODY:
        return []
    agents = {name for row in rows for name in (row.asker, row.target)} - {names.OPERATOR}
    return list(dict.fromkeys([EVERYBODY, TO_ME, BETWEEN_AGENTS, *sorted(map(names.container_name, agents)), asked]))


SECTION = Section(
    name="questions",
    title=titles.QUESTIONS,
    template="sections/questions",
    topics=(topics.QUESTIONS,),
    fetch=fetch,
    query_keys=("questions", "asked"),
)
