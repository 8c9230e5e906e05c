"""The totals of each agent's turns that are kept in memory, so that a row costs no query. Pure."""

from dataclasses import dataclass
from typing import Any

from actors.telemetry.messages import Summary
from harness.wire.times import to_ms

DAY_MS = 24 * 3_600 * 1_000


def day_of(ms: int) -> int:
    """The number of the day in UTC."""
    return ms // DAY_MS


@dataclass(slots=True)
class Rollup:
    """One agent's totals of `day`, and its newest turn and context."""

    day: int = -1
    turns: int = 0
    duration_ms: int = 0
    cost_usd: float | None = None
    last_turn: dict[str, Any] | None = None
    context_tokens: int | None = None
    context_window: int | None = None

    def turn(self, stats: dict[str, Any], now_ms: int) -> None:
        """Add a turn that has ended; `stats` is its TurnStats frame."""
        self._roll(day_of(now_ms))
        self.last_turn = stats
        if stats["context_tokens"] is not None:
            self.context_tokens = stats["context_tokens"]
        if day_of(to_ms(stats["ended_at"])) == self.day:
            self.count(stats["duration_ms"], stats["cost_usd"])

    def count(self, duration_ms: int, cost_usd: float | None) -> None:
        """Add one turn to the totals of the day."""
        self.turns += 1
        self.duration_ms += duration_ms
        if cost_usd is not None:
            self.cost_usd = (self.cost_usd or 0.0) + cost_usd

    def usage(self, context_tokens: int | None, context_window: int | None) -> None:
        """Note what the harness measured of its context; None leaves the figure as it is."""
        self.context_tokens = context_tokens if context_tokens is not None else self.context_tokens
        self.context_window = context_window if context_window is not None else self.context_window

    def last_end_ms(self) -> int | None:
        """When the newest turn ended (milliseconds UTC)."""
        return None if self.last_turn is None else to_ms(self.last_turn["ended_at"])

    def summary(self, now_ms: int) -> Summary:
        """The figures of the agent's row."""
        self._roll(day_of(now_ms))
        return Summary(
            turns_today=self.turns,
            average_turn_ms=self.duration_ms // self.turns if self.turns else None,
            cost_today_usd=self.cost_usd,
            last_turn=self.last_turn,
            context_tokens=self.context_tokens,
            context_window=self.context_window,
        )

    def _roll(self, day: int) -> None:
        if day != self.day:
            self.day, self.turns, self.duration_ms, self.cost_usd = day, 0, 0, None
