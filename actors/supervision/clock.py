"""Time as an argument: wall clock, monotonic clock and timers.

Timer functions run in the hub and must not block. Those of an actor only put a message into its mailbox.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol

from gevent import get_hub


class Timer(Protocol):
    """A function that is going to be called."""

    def cancel(self) -> None:
        """The function is not called any more; nothing changes when it already was."""


class Clock(Protocol):
    """The source of an actor's time."""

    def now_ms(self) -> int:
        """Wall clock, milliseconds since 1970 UTC. It may jump."""

    def monotonic(self) -> float:
        """Seconds that only grow, for intervals."""

    def call_later(self, seconds: float, function: Callable[[], object]) -> Timer:
        """Call `function` in the hub after `seconds`; at the next turn of the loop when that is 0 or less."""


class _LoopTimer:
    """A gevent timer that closes its watcher when it fires and when it is cancelled."""

    __slots__ = ("_function", "_watcher")

    def __init__(self, seconds: float, function: Callable[[], object]) -> None:
        self._function: Callable[[], object] | None = function
        self._watcher: Any = get_hub().loop.timer(max(seconds, 0.0))
        # update: after a long computation the loop's idea of now is old, and the timer would fire early.
        self._watcher.start(self._fire, update=True)

    def _fire(self) -> None:
        function = self._function
        self.cancel()
        if function is not None:
            function()

    def cancel(self) -> None:
        watcher, self._watcher, self._function = self._watcher, None, None
        if watcher is not None:
            watcher.stop()
            watcher.close()


class SystemClock:
    """The machine's time, with timers on gevent's loop. It has no state: any two are equal."""

    __slots__ = ()

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    # The builtin itself: actors read it several times a message.
    monotonic = staticmethod(time.monotonic)

    def call_later(self, seconds: float, function: Callable[[], object]) -> Timer:
        return _LoopTimer(seconds, function)


SYSTEM_CLOCK = SystemClock()
