"""Whether the disk below the state dir is full."""

import os
from pathlib import Path


class FreeSpace:
    """Full below half of the daemon's reserve, and no more above three times of it, so that it does not flap."""

    def __init__(self, folder: Path, reserve_bytes: int) -> None:
        self._folder = folder
        self._full_below, self._free_above = reserve_bytes // 2, 3 * reserve_bytes
        self._full = self._told = False

    def is_full(self) -> bool:
        """Look now. Space that only root may use is none."""
        try:
            free = free_bytes(self._folder)
        except OSError:
            return self._full
        self._full = free < (self._free_above if self._full else self._full_below)
        return self._full

    def has_changed(self) -> bool:
        """Whether the answer is another one than at the last call."""
        changed, self._told = self._full is not self._told, self._full
        return changed


def free_bytes(folder: Path) -> int:
    """What an ordinary user may still write there. OSError where the folder cannot be looked at."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize
