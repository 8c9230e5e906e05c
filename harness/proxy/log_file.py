"""The proxy's log, within bounds, although its process can open no file any more.

Both files are opened before the process gives up its rights: the log, which is its standard error, and `….1`. A log
that has become too large is copied there and cut. Keeper, worker and a proxy that is being replaced write to the same
files; one at a time writes a line and looks at the size.
"""

import contextlib
import fcntl
import logging
import os
import sys
from pathlib import Path

LOG_BYTES = 4 * 1024**2
STANDARD_ERROR = 2
OLDER = 64
"""The first number that the older half's handle can have: above those that a fork puts its own things on."""
FLAGS = os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


def open_both(path: Path) -> tuple[int, int]:
    """The log, and the file for its older half."""
    log, low = os.open(path, os.O_RDWR | FLAGS, 0o600), os.open(f"{path}.1", os.O_WRONLY | FLAGS, 0o600)
    older = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, OLDER)
    os.close(low)
    return log, older


class BoundedLog(logging.StreamHandler):  # type: ignore[type-arg]  # its parameter exists for type checkers only
    """Writes to the standard error, and keeps the file behind it below `limit` bytes and a line."""

    def __init__(self, *, limit: int = LOG_BYTES) -> None:
        super().__init__(sys.stderr)
        self._limit = limit
        self._older: int | None = None

    def keep(self, older: int) -> None:
        """From now on the standard error is a log whose older half belongs into this file."""
        self._older = older

    def emit(self, record: logging.LogRecord) -> None:
        if self._older is None:
            super().emit(record)
            return
        fcntl.lockf(self._older, fcntl.LOCK_EX)
        try:
            super().emit(record)
            with contextlib.suppress(OSError):  # a full disk: the next line tries again
                self._rotate(self._older)
        finally:
            fcntl.lockf(self._older, fcntl.LOCK_UN)

    def _rotate(self, older: int) -> None:
        size = os.fstat(STANDARD_ERROR).st_size
        if size <= self._limit:
            return
        os.ftruncate(older, 0)
        # Of what was written without this class, a traceback at an end, not more than fits.
        start = max(0, size - self._limit)
        newest = os.pread(STANDARD_ERROR, size - start, start)
        os.write(older, newest.partition(b"\n")[2] if start else newest)
        os.ftruncate(STANDARD_ERROR, 0)
