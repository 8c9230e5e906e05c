"""The wall clock of a daemon that was started under libfaketime: moved by the file that the library reads.

The clock of the machine is everybody's and stays as it is. Durations are not touched: a jump of the clock is no time
that has passed.
"""

import threading
from pathlib import Path

from actors.cli import processes

VARIABLE = "FAKETIME_TIMESTAMP_FILE"
TRUE = "+0"
JUMPS = ("+8h", "-1h", "+40s", "-90s")


class WallClock:
    """`file` None: the daemon's clock cannot be moved."""

    def __init__(self, pid: int) -> None:
        self._file = _file_of(pid)
        self._timer: threading.Timer | None = None

    @property
    def can_jump(self) -> bool:
        """Whether the daemon reads its time from a file."""
        return self._file is not None

    def jump(self, by: str, seconds: float) -> None:
        """Move the clock, and back after `seconds`: two jumps."""
        assert self._file is not None
        self.set_right()
        self._file.write_text(by)
        self._timer = threading.Timer(seconds, self.set_right)
        self._timer.start()

    def set_right(self) -> None:
        """Show the true time again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            assert self._file is not None
            self._file.write_text(TRUE)


def _file_of(pid: int) -> Path | None:
    value = processes.environment(pid).get(VARIABLE)
    return Path(value) if value else None
