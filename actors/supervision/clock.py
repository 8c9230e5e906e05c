"""Time as an argument: three clocks and timers. docs/time.md says which duration goes by which.

The wall clock jumps: a person sets it, or the machine sleeps. Running time stands still while the machine sleeps, and
elapsed time counts the sleep; neither jumps.

Timers count running time. Their functions run in the hub and must not block. Those of an actor only put a message into
its mailbox.
"""

import functools
import time
from collections.abc import Callable
from pathlib import Path
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
        """Running time in seconds: it only grows, and stands still while the machine sleeps."""

    def running_ms(self) -> int:
        """Running time in milliseconds since the boot, for moments that are kept and compared."""

    def elapsed(self) -> float:
        """Seconds since the boot, the sleep of the machine counted: for what goes on elsewhere meanwhile."""

    def boot(self) -> str:
        """Which boot of the machine this is: running times of another one cannot be compared with it."""

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


@functools.cache
def _boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


class SystemClock:
    """The machine's time, with timers on gevent's loop. It has no state: any two are equal."""

    __slots__ = ()

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    # The builtin itself: actors read it several times a message.
    monotonic = staticmethod(time.monotonic)

    def running_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    def elapsed(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def boot(self) -> str:
        return _boot_id()

    def call_later(self, seconds: float, function: Callable[[], object]) -> Timer:
        return _LoopTimer(seconds, function)


SYSTEM_CLOCK = SystemClock()
