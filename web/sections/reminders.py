"""◆ QU3U3D R3M1ND3RS: the queued reminders of agents, their failures, and the deliveries of the last day."""

from collections.abc import Mapping
from typing import Any

from harness.wire.operator_rows import Delivered
from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.presentation import titles
from web.sections.section import Section

SHOWN = 30
ALL = 1000
BAR_PIXELS = 160
"""The length of the longest bar."""


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
    """Failing reminders first, then as they are due; beside them the deliveries of the last day, by agent."""
    cached = app.rows.reminders()
    rows = sorted(cached.value.reminders, key=lambda row: (not row.last_error, row.due_at, row.id))
    shown = ALL if request.query.get("reminders") == "all" else SHOWN
    delivered = cached.value.delivered
    ranked = None if delivered is None else sorted(delivered.items(), key=lambda pair: (-pair[1].count, pair[0]))
    return {
        "reminders": rows[:shown],
        "hidden": max(0, len(rows) - shown) + cached.value.omitted,
        "delivered": ranked,
        "bars": {} if delivered is None else _bars(delivered),
        "stale": cached.stale_as_of_ms,
    }


def _bars(delivered: Mapping[str, Delivered]) -> dict[str, tuple[int, int]]:
    """The bars of attempts and of deliveries by agent, on one scale; a count above zero has at least one pixel."""
    longest = max((max(one.attempts, one.count) for one in delivered.values()), default=0)
    return {
        name: (_pixels(max(one.attempts, one.count), longest), _pixels(one.count, longest))
        for name, one in delivered.items()
    }


def _pixels(count: int, longest: int) -> int:
    return max(1, round(BAR_PIXELS * count / longest)) if count else 0


SECTION = Section(
    name="reminders",
    title=titles.REMINDERS,
    template="sections/reminders",
    topics=(topics.REMINDERS,),
    fetch=fetch,
    query_keys=("reminders",),
)
