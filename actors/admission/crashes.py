"""When crashes over a client's requests suspend it. Pure."""

from collections.abc import Sequence

PERIOD_SECONDS = 60.0
ALLOWED = 1
"""One crash may be an accident of ours; the second within the period suspends."""


def add_crash(crashes: Sequence[float], now: float) -> tuple[float, ...]:
    """The moments that count at `now`, this crash included."""
    return (*(moment for moment in crashes if now - moment <= PERIOD_SECONDS), now)


def suspends(crashes: Sequence[float]) -> bool:
    """Whether these are too many."""
    return len(crashes) > ALLOWED
