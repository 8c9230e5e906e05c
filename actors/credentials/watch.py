"""Notices of a file that may have changed, by whatever way: written, replaced, or reached over another link.

inotify tells of folders: each folder is watched that names a part of the path, links followed.
"""

import ctypes
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gevent import get_hub

_libc = ctypes.CDLL(None, use_errno=True)

_CLOSE_WRITE, _MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x8, 0x40, 0x80, 0x100, 0x200
_EVENTS = _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE
_ONLYDIR = 0x01000000
_READ = 1
_MAX_LINKS = 40
_BUFFER = 64 * 1024


class FileWatch:
    """Calls `changed` in the hub for anything that happens in one of the folders; more often than the file changes.

    Owns a descriptor until `close`. OSError when the kernel gives none.
    """

    def __init__(self, path: Path, changed: Callable[[], None]) -> None:
        self._path = path
        self._changed = changed
        self._descriptor = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self._add()
        self._watcher: Any = get_hub().loop.io(self._descriptor, _READ)
        self._watcher.start(self._readable)

    def close(self) -> None:
        """End the notices."""
        self._watcher.stop()
        self._watcher.close()
        os.close(self._descriptor)

    def _readable(self) -> None:
        os.read(self._descriptor, _BUFFER)
        self._add()  # a link may lead elsewhere by now
        self._changed()

    def _add(self) -> None:
        """The same folder twice is one watch; a folder that is missing is told of by the one above it."""
        for folder in folders_of(self._path):
            _libc.inotify_add_watch(self._descriptor, os.fsencode(folder), _EVENTS | _ONLYDIR)


def folders_of(path: Path) -> list[Path]:
    """The folders whose entries decide which file `path` is. A path without links has one: that of the file."""
    found = dict.fromkeys(_folders_of(path.absolute()))
    return [folder for folder in found if folder.is_dir()]


def _folders_of(path: Path) -> Iterator[Path]:
    for _ in range(_MAX_LINKS):
        part = next((one for one in [*reversed(path.parents), path] if one.is_symlink()), None)
        if part is None:
            break
        yield part.parent
        path = Path(os.path.normpath(part.parent / part.readlink())) / path.relative_to(part)
    missing = next((one for one in reversed(path.parents) if not one.is_dir()), None)
    yield path.parent if missing is None else missing.parent
