"""How many restarts in how much time are too many. Pure: moments in, moments out."""

from collections.abc import Sequence


def add_restart(restarts: Sequence[float], now: float, period: float) -> tuple[float, ...]:
    """The restarts that still count at `now`, newest first, this one included.

    A restart counts while it is at most `period` seconds old, as in OTP (whose clock ticks whole
    seconds; ours does not round).
    """
    return (now, *(moment for moment in restarts if moment >= now - period))


def too_many(restarts: Sequence[float], intensity: int) -> bool:
    """Whether the supervisor has to give up: more than `intensity` restarts within the period."""
    return len(restarts) > intensity
