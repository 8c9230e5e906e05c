"""The messages of the quotas."""

from dataclasses import dataclass

QUOTAS = "quotas"


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """Measure this agent (its container's name) now."""

    name: str


@dataclass(frozen=True, slots=True)
class Tick:
    """To itself: measure every agent that runs or is held."""
