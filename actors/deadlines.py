"""Deadlines by the clock and deadlines in running time, which survive the daemon.

A moment that a person named is kept by the wall clock. A duration is kept in running time (CLOCK_MONOTONIC): a laptop
that sleeps for eight hours has used nothing of it, and a clock that is set changes nothing. Running time can be
compared within one boot of the machine, whichever daemon reads it; after another boot the wall clock says how much is
left, at most the whole. `at_ms` of a duration is the moment at which it ends if the machine does not sleep until then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from actors.supervision import Clock
from harness.wire.times import LATEST_MS

STEP_MS = 1000
"""A wall clock that is further than this from where running time says was set, or the machine slept."""

COLUMNS = ("duration_ms", "running_ms", "boot")
"""Of a table with such deadlines, beside the column with `at_ms`."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """`at_ms`: milliseconds UTC. The others are those of a duration, and None for a moment by the clock."""

    at_ms: int
    duration_ms: int | None = None
    running_ms: int | None = None
    """Running time at which it ends."""
    boot: str | None = None

    @classmethod
    def after(cls, duration_ms: int, clock: Clock) -> Self:
        """So long from now."""
        return cls(_wall(clock, duration_ms), duration_ms, clock.running_ms() + duration_ms, clock.boot())

    @property
    def is_duration(self) -> bool:
        return self.running_ms is not None

    @property
    def columns(self) -> tuple[int | None, int | None, str | None]:
        """The values of `COLUMNS`."""
        return (self.duration_ms, self.running_ms, self.boot)

    def left_ms(self, clock: Clock) -> int:
        """Until it ends; 0 or less when it has. Of a duration that was read from disk only after `resumed`."""
        return self.at_ms - clock.now_ms() if self.running_ms is None else self.running_ms - clock.running_ms()

    def resumed(self, clock: Clock) -> "Deadline":
        """As it stands for a daemon that reads it from disk; itself when nothing has changed."""
        if self.running_ms is None:
            return self
        if self.boot != clock.boot():
            left = min(max(self.at_ms - clock.now_ms(), 0), self.duration_ms or 0)
            return replace(Deadline.after(left, clock), duration_ms=self.duration_ms)
        at_ms = _wall(clock, self.left_ms(clock))
        return self if abs(at_ms - self.at_ms) < STEP_MS else replace(self, at_ms=at_ms)


class WallSteps:
    """Notices that the wall clock has made a step against running time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._now()

    def step_ms(self) -> int:
        """By how much since `taken` was called last; 0 when by less than `STEP_MS`."""
        step = self._now() - self._offset
        return step if abs(step) >= STEP_MS else 0

    def taken(self, step_ms: int) -> None:
        """The moments that are shown have been moved by so much."""
        self._offset += step_ms

    def _now(self) -> int:
        return self._clock.now_ms() - self._clock.running_ms()


def read(at_ms: int, columns: Sequence[object]) -> Deadline:
    """A row's deadline. A value that is none, of a damaged row, makes it one by the clock."""
    duration_ms, running_ms, boot = columns
    if isinstance(duration_ms, int) and isinstance(running_ms, int) and isinstance(boot, str):
        return Deadline(at_ms, duration_ms, running_ms, boot)
    return Deadline(at_ms)


def _wall(clock: Clock, duration_ms: int) -> int:
    return min(clock.now_ms() + duration_ms, LATEST_MS)
