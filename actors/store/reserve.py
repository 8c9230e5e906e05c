"""Disk that is kept for the databases: a file of that size, which is given up when a commit finds the disk full.

Then the next commits succeed, so that the operator can still stop, pause and destroy. The file is allocated again when
there is twice as much space. Used by one writing thread; never raises.
"""

import contextlib
import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

LEAST_FREE = 8 * 1024**2
"""What opening the databases may take, migrations included."""


class Reserve:
    """`size` 0: nothing is kept."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size

    def keep(self) -> None:
        """Have the file where there is space for it and as much again."""
        if self._size == 0 or self._allocated() >= self._size or self._free() < 2 * self._size:
            return
        with contextlib.suppress(OSError):
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                os.posix_fallocate(handle, 0, self._size)
            finally:
                os.close(handle)

    def release(self) -> None:
        """Give up the space."""
        if self._size == 0 or self._allocated() == 0:
            return
        try:
            os.truncate(self._path, 0)
        except OSError as error:
            log.warning("the reserve cannot be released error=%s", error)
        else:
            log.warning("the disk is full: the reserve of %s bytes is released", self._size)

    def release_if_full(self) -> None:
        """Give up the space where there is not enough left to open a database."""
        if self._free() < LEAST_FREE:
            self.release()

    def _allocated(self) -> int:
        try:
            return self._path.lstat().st_blocks * 512
        except OSError:
            return 0

    def _free(self) -> int:
        try:
            status = os.statvfs(self._path.parent)
        except OSError:
            return 0
        return status.f_bavail * status.f_frsize
