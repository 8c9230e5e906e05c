"""◆ P3NDING APPR0VALS: what the manager proposed and the operator decides, what is being carried out, how it ended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.wire.errors import HiveError
from harness.wire.operator_rows import ApprovalRow
from web import standing, topics, words
from web.section import Section
from web.services import Services
from web.visit import Visit

HISTORY = 10
ALL = 100


@dataclass(frozen=True, slots=True)
class Weight:
    """How much a proposal changes of what runs; `error` when that could not be read."""

    added: int = 0
    removed: int = 0
    paths: tuple[str, ...] = ()
    error: HiveError | None = None


def weights(services: Services, rows: Iterable[ApprovalRow]) -> dict[int, Weight]:
    """The weight of each approval; a diff that can not be read spoils only its own."""
    return {row.id: _weight(services, row) for row in rows}


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """What is open, newest last, and the history, newest first."""
    known = services.reads.approvals()
    pending = [row for row in known.value if standing.is_pending(row)]
    ended = [row for row in reversed(known.value) if not standing.is_pending(row) and not standing.under_way(row)]
    shown = ALL if visit.query.get("history") == "all" else HISTORY
    return {
        "pending": pending,
        "under_way": [row for row in known.value if standing.under_way(row)],
        "ended": ended[:shown],
        "hidden": max(0, len(ended) - shown),
        "weights": weights(services, pending),
        "stale": known.as_of_ms if known.stale else None,
    }


def _weight(services: Services, row: ApprovalRow) -> Weight:
    try:
        diff = services.reads.diff(row).value.diff
    except HiveError as error:
        return Weight(error=error)
    return Weight(diff.added, diff.removed, tuple(diff.paths))


SECTION = Section(
    name="approvals",
    title=words.APPROVALS,
    template="approvals",
    topics=(topics.APPROVALS,),
    fetch=fetch,
    keeps=("history",),
)
