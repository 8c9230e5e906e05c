"""`python -m tests.campaigns.jumping_daemon FILE`: the light daemon, whose wall clock a test sets.

The file `offset` beside FILE holds by how many milliseconds it is after the machine's. tests/test_clocks.py holds the
daemon to this one clock.
"""

import mmap
import runpy
import sys
import time
from pathlib import Path

from actors.supervision.clock import SystemClock

BYTES = 8


def offset_file(settings_file) -> Path:
    return Path(settings_file).with_name("offset")


if __name__ == "__main__":
    with offset_file(sys.argv[1]).open("rb") as file:
        offset = mmap.mmap(file.fileno(), BYTES, prot=mmap.PROT_READ)

    def now_ms(_clock):
        return time.time_ns() // 1_000_000 + int.from_bytes(offset[:], "little", signed=True)

    SystemClock.now_ms = now_ms
    runpy.run_module("tests.campaigns.light_daemon", run_name="__main__")
