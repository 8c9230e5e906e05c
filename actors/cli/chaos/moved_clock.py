"""`python -m actors.cli.chaos.moved_clock FILE serve …`: the program `hive`, whose wall clock a campaign can move.

FILE holds by how many milliseconds the clock is ahead of the machine's, as a number of eight bytes; it is made if it is
not there. Durations are not touched: a jump of the clock is no time that has passed. A program of its own, so that the
daemon as it is usually started has no such hook.
"""

import mmap
import runpy
import sys
import time
from pathlib import Path

MODULE = "actors.cli.chaos.moved_clock"
BYTES = 8


def write(file: Path, ahead_ms: int) -> None:
    """Move the clock of the daemon that reads this file: in place, because it has the file mapped."""
    with file.open("r+b") as opened:
        opened.write(ahead_ms.to_bytes(BYTES, "little", signed=True))


def main() -> None:
    """Replace the two functions by which Python tells the time, then run `hive` with the arguments after FILE."""
    file = Path(sys.argv[1])
    if not file.exists():
        file.write_bytes(bytes(BYTES))
    with file.open("rb") as opened:
        ahead = mmap.mmap(opened.fileno(), BYTES, prot=mmap.PROT_READ)
    true_ns = time.time_ns

    def time_ns() -> int:
        return true_ns() + int.from_bytes(ahead[:], "little", signed=True) * 1_000_000

    time.time_ns = time_ns
    time.time = lambda: time_ns() / 1e9
    del sys.argv[1]
    runpy.run_module("actors.cli", run_name="__main__")


if __name__ == "__main__":
    main()
