"""◆ C0NTAINERS: every agent and peer with what it does, costs and says of itself, and what can be done with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.wire import times
from harness.wire.errors import HiveError
from harness.wire.operator_rows import AgentRow
from web import look, spark, topics, words
from web.section import Section
from web.services import Services
from web.visit import Visit

UNKNOWN_LAST = float("-inf")


def _last_turn(row: AgentRow) -> float:
    ended = (row.last_turn or {}).get("ended_at")
    return times.to_ms(str(ended)) if ended else UNKNOWN_LAST


def _urgency(row: AgentRow) -> float:
    tones = [
        look.Tone.CALM,
        look.Tone.OK,
        look.Tone.WAIT,
        look.Tone.MOVE,
        look.Tone.BUSY,
        look.Tone.NEEDS,
        look.Tone.BAD,
    ]
    return float(tones.index(look.of(row).tone))


def _unless_none(value: float | None) -> float:
    return UNKNOWN_LAST if value is None else float(value)


SORTS: dict[str, Callable[[AgentRow], float]] = {
    "name": lambda _: 0.0,
    "state": _urgency,
    "queue": lambda row: _unless_none(row.pending),
    "last turn": _last_turn,
    "cost": lambda row: _unless_none(row.cost_today_usd),
}
"""The most first; equals stay in the order of names, the manager on top."""


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the table."""

    row: AgentRow
    state: look.Look
    badges: list[look.Badge]
    context: float | None
    bars: list[int] | None
    """None when the agent's turns could not be read."""


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """The rows in the order that was asked for."""
    known = services.reads.agents()
    sort = visit.query.get("sort", "name")
    order = SORTS.get(sort, SORTS["name"])
    items = [item(services, row, visit.now_ms) for row in sorted(known.value, key=order, reverse=True)]
    return {
        "items": items,
        "sort": sort,
        "sorts": list(SORTS),
        "stale": known.as_of_ms if known.stale else None,
    }


def item(services: Services, row: AgentRow, now_ms: int) -> Item:
    """One agent as it is shown."""
    return Item(row, look.of(row), look.badges(row), look.context_share(row), _bars(services, row, now_ms))


def _bars(services: Services, row: AgentRow, now_ms: int) -> list[int] | None:
    if row.role == "peer" or not row.turns_today:
        return []
    try:
        turns = services.reads.turns(row.name).value
    except HiveError:
        return None
    return spark.heights(spark.busy(turns, now_ms))


SECTION = Section(
    name="containers",
    title=words.CONTAINERS,
    template="containers",
    topics=(topics.AGENTS,),
    fetch=fetch,
    keeps=("sort",),
)
