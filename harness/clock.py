"""The wall clock, in the unit of the wire. Code that needs the time takes a `Clock`."""

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Milliseconds since 1970, UTC."""


def now_ms() -> int:
    """The time now."""
    return time.time_ns() // 1_000_000
