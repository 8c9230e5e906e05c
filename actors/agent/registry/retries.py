"""When the reconciler looks again at an agent that is not as it is desired: pauses that grow until it is up."""

from actors.supervision import Backoff, Timer

BACKOFF = Backoff(first=1.0, factor=3.0, cap=300.0)


class Retries:
    """At most one pending look for each agent. The owner's timers fire them."""

    def __init__(self) -> None:
        self._levels: dict[str, int] = {}
        self._timers: dict[str, Timer] = {}

    def __contains__(self, name: str) -> bool:
        """Whether one is pending."""
        return name in self._timers

    def next_pause(self, name: str) -> float | None:
        """Seconds to wait before the next look; None while one is pending already."""
        if name in self._timers:
            return None
        self._levels[name] = self._levels.get(name, 0) + 1
        return BACKOFF.pause(self._levels[name])

    def is_first(self, name: str) -> bool:
        """Whether the agent has been looked at no more than once since it was up."""
        return self._levels.get(name, 0) <= 1

    def armed(self, name: str, timer: Timer) -> None:
        """Keep the timer of that pause."""
        self._timers[name] = timer

    def taken(self, name: str) -> None:
        """Cancel the pending look: the agent is looked at now."""
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def forget(self, name: str) -> None:
        """Forget the pauses: the agent is up, or not desired any more."""
        self._levels.pop(name, None)
        self.taken(name)
