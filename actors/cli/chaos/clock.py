"""The wall clock of a daemon that was started with one that can be moved; the clock of the machine is everybody's."""

import threading
from pathlib import Path

from actors.cli import processes
from actors.cli.chaos import moved_clock

JUMPS_MS = (8 * 3_600_000, -3_600_000, 40_000, -90_000)


class WallClock:
    """The clock of the daemon with this pid."""

    def __init__(self, pid: int) -> None:
        self._file = _file_of(processes.command(pid))
        self._timer: threading.Timer | None = None

    @property
    def can_jump(self) -> bool:
        """Whether the daemon was started with a clock that can be moved."""
        return self._file is not None

    def jump(self, by_ms: int, seconds: float) -> None:
        """Move the clock, and back after `seconds`: two jumps."""
        assert self._file is not None
        self.set_right()
        moved_clock.write(self._file, by_ms)
        self._timer = threading.Timer(seconds, self.set_right)
        self._timer.start()

    def set_right(self) -> None:
        """Show the true time again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            assert self._file is not None
            moved_clock.write(self._file, 0)


def _file_of(command: list[str]) -> Path | None:
    if moved_clock.MODULE not in command[:-1]:
        return None
    return Path(command[command.index(moved_clock.MODULE) + 1])
