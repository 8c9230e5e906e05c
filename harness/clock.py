"""The clocks of the harness; docs/time.md says which duration goes by which. What needs the time takes a `Clock`."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Milliseconds: of the wall clock since 1970, UTC, or of another clock since the boot."""


def now_ms() -> int:
    """The wall clock. It jumps when it is set, and while the machine sleeps."""
    return time.time_ns() // 1_000_000


def running_ms() -> int:
    """Running time: it stands still while the machine sleeps."""
    return time.monotonic_ns() // 1_000_000


def elapsed_ms() -> int:
    """Elapsed time: the sleep of the machine is counted, and no setting of the clock."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
