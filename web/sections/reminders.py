"""◆ QU3U3D R3M1ND3RS: what agents want to be told, when, and what went wrong with it."""

from collections.abc import Mapping
from typing import Any

from harness.wire.operator_rows import Delivered
from web import topics, words
from web.section import Section
from web.services import Services
from web.visit import Visit

SHOWN = 30
ALL = 1000
BAR = 160
"""Pixels of the longest bar."""


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """The troubled ones first, then as they are due; beside them what was delivered in the last day, by agent."""
    known = services.reads.reminders()
    rows = sorted(known.value.reminders, key=lambda row: (not row.last_error, row.due_at, row.id))
    shown = ALL if visit.query.get("reminders") == "all" else SHOWN
    delivered = known.value.delivered
    return {
        "reminders": rows[:shown],
        "hidden": max(0, len(rows) - shown),
        "delivered": None
        if delivered is None
        else sorted(delivered.items(), key=lambda pair: (-pair[1].count, pair[0])),
        "bars": {} if delivered is None else bars(delivered),
        "stale": known.as_of_ms if known.stale else None,
    }


def bars(delivered: Mapping[str, Delivered]) -> dict[str, tuple[int, int]]:
    """Pixels of attempts and of deliveries by agent, to the same scale; what is not zero can be seen. Pure."""
    most = max((max(one.attempts, one.count) for one in delivered.values()), default=0)
    return {
        name: (_pixels(max(one.attempts, one.count), most), _pixels(one.count, most)) for name, one in delivered.items()
    }


def _pixels(number: int, most: int) -> int:
    return max(1, round(BAR * number / most)) if number else 0


SECTION = Section(
    name="reminders",
    title=words.REMINDERS,
    template="reminders",
    topics=(topics.REMINDERS,),
    fetch=fetch,
    keeps=("reminders",),
)
