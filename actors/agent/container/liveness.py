"""The signs of life of a harness, as its container actor knows them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Liveness:
    """Whether life is to be expected of a harness, and its last sign. Times are milliseconds of running time."""

    running: bool
    held: bool
    """The agent is paused, waits for a login, or waits for the end of a rate limit."""
    alive_at_ms: int
    """Its last live event, its start, or the last time the operator resumed it."""
