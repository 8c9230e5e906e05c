"""◆ C0NTAINERS: every agent and peer with its state, its figures, its status text and its actions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.wire import times
from harness.wire.errors import HiveError
from harness.wire.operator_rows import AgentRow
from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.presentation import agent_state, sparkline, titles
from web.presentation.state_style import StateStyle, Tone
from web.sections.section import Section

LAST = float("-inf")
"""The sort key of an unknown value."""

URGENCY = (Tone.CALM, Tone.OK, Tone.WAIT, Tone.MOVE, Tone.BUSY, Tone.ATTENTION, Tone.BAD)
"""Tones, the most urgent last."""


def _last_turn(row: AgentRow) -> float:
    ended = (row.last_turn or {}).get("ended_at")
    return times.to_ms(str(ended)) if ended else LAST


def _known(value: float | None) -> float:
    return LAST if value is None else float(value)


SORTS: dict[str, Callable[[AgentRow], float]] = {
    "name": lambda _: 0.0,
    "state": lambda row: float(URGENCY.index(agent_state.style(row).tone)),
    "queue": lambda row: _known(row.pending),
    "last turn": _last_turn,
    "cost": lambda row: _known(row.cost_today_usd),
}
"""The highest first; equal rows stay in the order of names, the manager on top."""


@dataclass(frozen=True, slots=True)
class AgentItem:
    """One agent as the table and the agent's own page show it."""

    row: AgentRow
    state: StateStyle
    badges: list[agent_state.Badge]
    context: float | None
    bars: list[int] | None
    """None when the agent's turns could not be read."""


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
    """The rows in the order that the query names."""
    cached = app.rows.agents()
    sort = request.query.get("sort", "name")
    order = SORTS.get(sort, SORTS["name"])
    return {
        "items": [agent_item(app, row, request.now_ms) for row in sorted(cached.value, key=order, reverse=True)],
        "sort": sort,
        "sorts": list(SORTS),
        "stale": cached.stale_as_of_ms,
        "omitted": cached.omitted,
    }


def agent_item(app: WebApp, row: AgentRow, now_ms: int) -> AgentItem:
    """One agent with everything that its row shows."""
    context = agent_state.context_share(row)
    return AgentItem(row, agent_state.style(row), agent_state.badges(row), context, _bars(app, row, now_ms))


def _bars(app: WebApp, row: AgentRow, now_ms: int) -> list[int] | None:
    if row.role == "peer" or not row.turns_today:
        return []
    try:
        turns = app.rows.turns(row.name).value
    except HiveError:
        return None
    return sparkline.heights(sparkline.busy_shares(turns, now_ms))


SECTION = Section(
    name="containers",
    title=titles.CONTAINERS,
    template="sections/containers",
    topics=(topics.AGENTS,),
    fetch=fetch,
    query_keys=("sort",),
)
