"""A start in waves that waits for its leader: what has still to be started, and whether it may.

Owned by one supervisor, which carries it out a message at a time.
"""

from collections import deque
from collections.abc import Iterable

from actors.supervision.clock import Timer
from actors.supervision.strategy import Wave


class Rollout:
    """The waves after the leader's. The gate is shut until the leader is ready or late."""

    __slots__ = ("_deadline", "_waves")

    def __init__(self, waves: Iterable[Wave], deadline: Timer) -> None:
        self._waves = deque(waves)
        self._deadline: Timer | None = deadline

    @property
    def waiting(self) -> Wave:
        """Everybody who has still to be started, in order."""
        return tuple(child_id for wave in self._waves for child_id in wave)

    def open(self) -> bool:
        """Let the waves go; False when they already may."""
        deadline, self._deadline = self._deadline, None
        if deadline is None:
            return False
        deadline.cancel()
        return True

    def next_wave(self) -> Wave | None:
        """The next one, once the gate is open; None when it is shut or nobody waits."""
        return self._waves.popleft() if self._waves and self._deadline is None else None
