"""How long to wait for the next event: counted from the last one that made a difference. Pure; time is an argument."""

from collections.abc import Sequence


class Progress:
    """A bound on standing still: `step_seconds` after the last change of what is missing, whatever the whole takes."""

    def __init__(self, step_seconds: float) -> None:
        self._step_seconds = step_seconds
        self._missing: tuple[str, ...] = ()
        self._since = 0.0

    def seconds_left(self, missing: Sequence[str], now: float) -> float:
        """Seconds until the wait is over; all of them when `missing` has changed since the last call."""
        if tuple(missing) != self._missing:
            self._missing, self._since = tuple(missing), now
        return max(0.0, self._since + self._step_seconds - now)
