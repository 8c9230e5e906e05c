"""What telemetry takes. Replies are named in each docstring."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Publish:
    """Live events of one harness, as it sent them. → how many were stored."""

    agent: str
    events: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The figures of one turn. → None, once they are stored; `bad_request` when they are no TurnStats."""

    agent: str
    stats: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BeginHistory:
    """The name has a new owner, with a history of its own from now on. → None, once it is stored."""

    agent: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One point of a series that no turn reports, such as the length of the approval queue. Told, not asked."""

    agent: str
    key: str
    value: float


@dataclass(frozen=True, slots=True)
class GetSummaries:
    """→ dict of agent → Summary, from memory; an agent without turns and events has none."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What an agent's row shows of its turns. "Today" is the day in UTC; a figure that is not known is None."""

    turns_today: int = 0
    average_turn_ms: int | None = None
    """Over the turns of today."""
    cost_today_usd: float | None = None
    last_turn: dict[str, Any] | None = None
    """The TurnStats frame of the newest turn."""
    context_tokens: int | None = None
    context_window: int | None = None


@dataclass(frozen=True, slots=True)
class Sweep:
    """To itself: drop the rows that are past their keep-window."""
