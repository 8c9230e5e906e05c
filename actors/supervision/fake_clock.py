"""A clock that stands until a test moves it."""

import heapq
import itertools
from collections.abc import Callable

import gevent

from actors.supervision.clock import Timer


class _FakeTimer:
    __slots__ = ("_clock", "due", "function", "number")

    def __init__(self, clock: "FakeClock", due: float, number: int, function: Callable[[], object]) -> None:
        self._clock = clock
        self.due = due
        self.number = number
        self.function: Callable[[], object] | None = function

    def __lt__(self, other: "_FakeTimer") -> bool:
        return (self.due, self.number) < (other.due, other.number)

    def cancel(self) -> None:
        self.function = None


class FakeClock:
    """Time that a test moves. Timers due at the same moment fire in the order in which they were set."""

    def __init__(self, start_ms: int = 1_700_000_000_000) -> None:
        self._wall_offset_ms = start_ms
        self._seconds = self._slept = 0.0
        self._boot = 1
        self._timers: list[_FakeTimer] = []
        self._numbers = itertools.count()

    def now_ms(self) -> int:
        return self._wall_offset_ms + round(self._seconds * 1000)

    def monotonic(self) -> float:
        return self._seconds

    def running_ms(self) -> int:
        return round(self._seconds * 1000)

    def elapsed(self) -> float:
        return self._seconds + self._slept

    def boot(self) -> str:
        return f"boot-{self._boot}"

    def call_later(self, seconds: float, function: Callable[[], object]) -> Timer:
        timer = _FakeTimer(self, self._seconds + max(seconds, 0.0), next(self._numbers), function)
        heapq.heappush(self._timers, timer)
        return timer

    @property
    def pending(self) -> int:
        """How many timers are set."""
        return sum(timer.function is not None for timer in self._timers)

    def next_due(self) -> float | None:
        """Seconds until the next timer; None when none is set."""
        due = [timer.due for timer in self._timers if timer.function is not None]
        return min(due) - self._seconds if due else None

    def advance(self, seconds: float) -> None:
        """Move on. Timers that fall due fire at their own moments, and the actors settle after each."""
        settle()
        target = self._seconds + seconds
        while self._timers and self._timers[0].due <= target:
            timer = heapq.heappop(self._timers)
            if timer.function is None:
                continue
            self._seconds = max(self._seconds, timer.due)
            timer.function()
            settle()
        self._seconds = target
        settle()

    def set_wall(self, now_ms: int) -> None:
        """Make the wall clock jump, as an administrator does; running and elapsed time do not change."""
        self._wall_offset_ms = now_ms - self.running_ms()

    def step_wall(self, seconds: float) -> None:
        """`set_wall`, by so many seconds forwards or backwards."""
        self.set_wall(self.now_ms() + round(seconds * 1000))

    def suspend(self, seconds: float) -> None:
        """Let the machine sleep: the wall clock and elapsed time go on, running time and timers do not."""
        self.step_wall(seconds)
        self._slept += seconds

    def reboot(self) -> None:
        """Begin another boot, whose running time cannot be compared with that before. The timers stay."""
        self._boot += 1


def settle() -> None:
    """Let every greenlet run until all of them wait."""
    gevent.idle()
