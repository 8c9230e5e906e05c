"""A start in waves that waits for its leader: which children still have to start, and whether they may.

Owned by one supervisor, which carries it out a message at a time.
"""

from collections import deque
from collections.abc import Iterable
from enum import StrEnum

from actors.supervision.clock import Timer
from actors.supervision.supervisor.strategy import Wave


class Gate(StrEnum):
    """Whether the waves may start. It only moves forward."""

    SHUT = "shut"
    """The leader is awaited."""
    ANNOUNCING = "announcing"
    """The leader is ready or late; the actor that is notified of the rollout has not replied yet."""
    OPEN = "open"


class Rollout:
    """The waves after the leader's. `deadline` bounds the wait for the leader."""

    __slots__ = ("_deadline", "_gate", "_waves")

    def __init__(self, waves: Iterable[Wave], deadline: Timer) -> None:
        self._waves = deque(waves)
        self._gate = Gate.SHUT
        self._deadline = deadline

    @property
    def waiting(self) -> Wave:
        """The children that still have to start, in order."""
        return tuple(child_id for wave in self._waves for child_id in wave)

    def leader_settled(self) -> bool:
        """The leader is ready or late. False when that was known before."""
        return self._pass(Gate.SHUT, Gate.ANNOUNCING)

    def announce(self, deadline: Timer) -> None:
        """The rollout is being announced; `deadline` bounds the wait for the reply."""
        self._deadline = deadline

    def open(self) -> bool:
        """Let the waves start. False unless they waited for the announcement."""
        return self._pass(Gate.ANNOUNCING, Gate.OPEN)

    def abandon(self) -> Wave:
        """Another rollout takes over; the children that still had to start."""
        waiting = self.waiting
        self._waves.clear()
        self._deadline.cancel()
        return waiting

    def next_wave(self) -> Wave | None:
        """The next wave; None while the gate is not open, and after the last one."""
        return self._waves.popleft() if self._waves and self._gate is Gate.OPEN else None

    def _pass(self, old: Gate, new: Gate) -> bool:
        if self._gate is not old:
            return False
        self._gate = new
        self._deadline.cancel()
        return True
