"""The messages of the quotas."""

from dataclasses import dataclass

QUOTAS = "quotas"


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """Measure this agent (its container's name) now."""

    name: str


@dataclass(frozen=True, slots=True)
class Due:
    """To itself: a turn of this agent ended while it could not be measured again; now it can."""

    name: str


@dataclass(frozen=True, slots=True)
class Sweep:
    """To itself: drop the old transcripts and rotated logs of every agent."""


@dataclass(frozen=True, slots=True)
class Tick:
    """To itself: measure every agent that runs or is held."""
