"""Notices that a file is removed, without a right to the folder that it was in: the kernel tells (inotify)."""

import ctypes
import os
import struct
from pathlib import Path

IN_DELETE, IN_MOVED_FROM = 0x200, 0x40
_EVENT = struct.Struct("iIII")


class Removal:
    """`descriptor` is readable when something was removed from the folder of `path`."""

    def __init__(self, path: Path) -> None:
        self._name = os.fsencode(path.name)
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if (
            self.descriptor < 0
            or libc.inotify_add_watch(self.descriptor, os.fsencode(path.parent), IN_DELETE | IN_MOVED_FROM) < 0
        ):
            raise OSError(ctypes.get_errno(), "inotify")

    def seen(self) -> bool:
        """Whether the file was removed, by what was not read before."""
        try:
            events = os.read(self.descriptor, 64 * 1024)
        except BlockingIOError:
            return False
        found = False
        while events:
            _, _, _, length = _EVENT.unpack_from(events)
            found |= events[_EVENT.size : _EVENT.size + length].rstrip(b"\0") == self._name
            events = events[_EVENT.size + length :]
        return found
