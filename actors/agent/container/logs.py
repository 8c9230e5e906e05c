"""The log of an agent's container: the last lines, the lines to come, and keeping it small."""

import os
from collections.abc import Iterator
from pathlib import Path

from gevent import get_hub
from gevent.event import Event

CHECK_SECONDS = 3600.0
"""How often the size of the log is checked."""
MAX_LOG_BYTES = 4 * 1024 * 1024
"""A log over this is moved to `.log.1`, one generation is kept."""

_CHUNK = 64 * 1024
_STAT_SECONDS = 0.25
"""libev watches the file through inotify; this is how often it looks where there is none."""


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of the log, oldest first; none when the container has written nothing yet.

    Reads backwards in blocks, so a long log costs no more than what is shown.
    """
    return _tail(path, lines)[0]


def _tail(path: Path, lines: int) -> tuple[list[str], int, bytes]:
    """The last lines, where the file ended then, and what stands there after the last line break."""
    try:
        log = path.open("rb")
    except FileNotFoundError:
        return [], 0, b""
    with log:
        end = position = log.seek(0, os.SEEK_END)
        blocks: list[bytes] = []
        breaks = 0
        while position > 0 and breaks <= lines:
            size = min(_CHUNK, position)
            position = log.seek(position - size)
            block = log.read(size)
            breaks += block.count(b"\n")
            blocks.append(block)
    text = b"".join(reversed(blocks))
    return text.decode(errors="replace").splitlines()[-lines:], end, text.rpartition(b"\n")[2]


def rotate(path: Path) -> bool:
    """Move a log that has outgrown its limit aside; True if it did.

    The container keeps writing to the same open file (in append mode), so its content is copied and then cut.
    """
    try:
        if path.stat().st_size <= MAX_LOG_BYTES:
            return False
    except FileNotFoundError:
        return False
    aside = path.with_suffix(".log.1")
    with path.open("r+b") as log, aside.open("wb") as kept:
        while block := log.read(_CHUNK):
            kept.write(block)
        log.truncate(0)
    return True


class Follower:
    """Iterates over lists of lines: the last ones first, then what is appended. Lives in one greenlet."""

    def __init__(self, path: Path, lines: int) -> None:
        self._path = path
        self._first, self._position, self._rest = _tail(path, lines)
        if self._rest:
            self._first.pop()  # it comes when it is complete
        self._changed = Event()
        self._closed = False
        self._watcher = get_hub().loop.stat(str(path), _STAT_SECONDS)
        self._watcher.start(self._changed.set)

    def __iter__(self) -> Iterator[list[str]]:
        try:
            yield self._first
            while not self._closed:
                if lines := self._more():
                    yield lines
                    continue
                self._changed.wait()
                self._changed.clear()
        finally:
            self.close()

    def close(self) -> None:
        """End the iteration; safe to call more than once and from a watcher."""
        if not self._closed:
            self._closed = True
            self._watcher.stop()
            self._watcher.close()
        self._changed.set()

    def _more(self) -> list[str]:
        try:
            with self._path.open("rb") as log:
                if _size(self._path) < self._position:
                    self._position = 0  # it was rotated
                log.seek(self._position)
                block = log.read(_CHUNK)
        except FileNotFoundError:
            return []
        self._position += len(block)
        *lines, self._rest = (self._rest + block).split(b"\n")
        return [line.decode(errors="replace") for line in lines]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
