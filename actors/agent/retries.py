"""When an agent whose start failed for a passing reason is tried again: pauses that grow, forgotten when it is up."""

from actors.supervision import Backoff, Timer

BACKOFF = Backoff(first=1.0, factor=3.0, cap=300.0)


class Retries:
    """At most one pending try an agent. The owner's timers fire them."""

    def __init__(self) -> None:
        self._levels: dict[str, int] = {}
        self._timers: dict[str, Timer] = {}

    def next_pause(self, name: str) -> float | None:
        """Seconds to wait before the next try; None while one is pending already."""
        if name in self._timers:
            return None
        self._levels[name] = self._levels.get(name, 0) + 1
        return BACKOFF.pause(self._levels[name])

    def armed(self, name: str, timer: Timer) -> None:
        """The timer of that pause."""
        self._timers[name] = timer

    def fired(self, name: str) -> None:
        """The pause is over."""
        self._timers.pop(name, None)

    def forget(self, name: str) -> None:
        """It is up, or nobody wants it any more."""
        self._levels.pop(name, None)
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()
