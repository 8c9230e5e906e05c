"""From one turn's figures to its points in the series. Pure.

The keys, all per agent and per turn: `turns` (always 1: sum it over a minute for turns per minute),
`turn_duration_ms`, `tool_calls`, `tool.<name>`, `outcome.<outcome>`, `cold`, `inbox_depth`, `sent.<to>`,
`received.<from>` (peer, operator, manager, system), `since_last_turn_ms`, `notes_bytes`, `context_tokens`,
`tokens.<kind>`, `cost_usd`. One more key, `approvals_pending`, is of the whole hive: the approval queue samples
it under the agent `HIVE_WIDE`.
"""

from collections.abc import Mapping

from harness.wire.events import TurnStats
from harness.wire.times import to_ms

MAX_TOOLS = 100
"""Tool names come from agents; of a turn with more tools only these get a series."""


def points(stats: TurnStats, previous_end_ms: int | None) -> dict[str, float]:
    """One value per key; a figure that is not known has no point."""
    found: dict[str, float] = {
        "turns": 1,
        "turn_duration_ms": stats.duration_ms,
        "tool_calls": sum(stats.tools.values()),
        f"outcome.{stats.outcome.value}": 1,
        "cold": int(stats.cold),
    }
    figures = {
        "inbox_depth": stats.inbox_depth,
        "notes_bytes": stats.notes_bytes,
        "context_tokens": stats.context_tokens,
        "cost_usd": stats.cost_usd,
        "since_last_turn_ms": None if previous_end_ms is None else max(to_ms(stats.started_at) - previous_end_ms, 0),
    }
    found |= {key: value for key, value in figures.items() if value is not None}
    found |= _family("tool", dict(list(stats.tools.items())[:MAX_TOOLS]))
    found |= _family("sent", stats.sent) | _family("received", stats.received) | _family("tokens", stats.tokens)
    return found


def _family(prefix: str, values: Mapping[str, int]) -> dict[str, float]:
    return {f"{prefix}.{key[:64]}": value for key, value in values.items()}
