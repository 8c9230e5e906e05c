"""A start in waves that waits for its leader: what has still to be started, and whether it may.

Owned by one supervisor, which carries it out a message at a time.
"""

from collections import deque
from collections.abc import Iterable
from enum import StrEnum

from actors.supervision.clock import Timer
from actors.supervision.strategy import Wave


class Gate(StrEnum):
    """Whether the waves may go. Only ever forward."""

    SHUT = "shut"
    """The leader is awaited."""
    TELLING = "telling"
    """It is ready or late; somebody is being told who starts now."""
    OPEN = "open"


class Rollout:
    """The waves after the leader's. `deadline` bounds the wait that its gate is in."""

    __slots__ = ("_deadline", "_gate", "_waves")

    def __init__(self, waves: Iterable[Wave], deadline: Timer) -> None:
        self._waves = deque(waves)
        self._gate = Gate.SHUT
        self._deadline = deadline

    @property
    def waiting(self) -> Wave:
        """Everybody who has still to be started, in order."""
        return tuple(child_id for wave in self._waves for child_id in wave)

    def lead(self) -> bool:
        """The leader is ready or late; False when it was before."""
        return self._pass(Gate.SHUT, Gate.TELLING)

    def told_by(self, deadline: Timer) -> None:
        """Whoever has to know is being told, and this bounds it."""
        self._deadline = deadline

    def open(self) -> bool:
        """Let the waves go; False unless they waited for exactly that."""
        return self._pass(Gate.TELLING, Gate.OPEN)

    def abandon(self) -> Wave:
        """Another rollout takes over; who had still to be started."""
        waiting = self.waiting
        self._waves.clear()
        self._deadline.cancel()
        return waiting

    def next_wave(self) -> Wave | None:
        """The next one, once the gate is open; None when it is not, or nobody waits."""
        return self._waves.popleft() if self._waves and self._gate is Gate.OPEN else None

    def _pass(self, old: Gate, new: Gate) -> bool:
        if self._gate is not old:
            return False
        self._gate = new
        self._deadline.cancel()
        return True
