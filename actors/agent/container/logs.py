"""The log of an agent's container: the last lines, the lines to come, and keeping it small.

The shim drains the container's output into the log and keeps it small (`runtime/shim.py`). Readers trust no size all
the same: a container that an older hive has started holds the log itself, and can make it sparse or one endless line.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from gevent import get_hub
from gevent.event import Event

from actors.agent.runtime.shim import BOUNDARY

CHECK_SECONDS = 3600.0
"""How often the size of the log is checked."""
MAX_LOG_BYTES = 4 * 1024 * 1024
"""A log over this is moved to `.log.1`, one generation is kept."""
TAIL_BYTES = 1024 * 1024
"""What a look at the end of a log reads at most."""
LINE_BYTES = 64 * 1024
"""A longer line is shown in pieces."""

_CHUNK = 64 * 1024
_STAT_SECONDS = 0.25
"""libev watches the file through inotify; this is how often it looks where there is none."""


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of the log, oldest first; none when the container has written nothing yet.

    Reads backwards in blocks, so a long log costs no more than what is shown, and at most `TAIL_BYTES`.
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
        while position > 0 and breaks <= lines and end - position < TAIL_BYTES:
            size = min(_CHUNK, position)
            position = log.seek(position - size)
            block = log.read(size)
            breaks += block.count(b"\n")
            blocks.append(block)
    text = b"".join(reversed(blocks))
    shown = [line.decode(errors="replace") for line in _pieces(text.splitlines()[-lines:])]
    return shown[-lines:], end, text.rpartition(b"\n")[2][-LINE_BYTES:]


def _pieces(lines: list[bytes]) -> Iterator[bytes]:
    """The lines, each over `LINE_BYTES` as several."""
    for line in lines:
        yield from (line[at : at + LINE_BYTES] for at in range(0, max(1, len(line)), LINE_BYTES))


def of_last_life(lines: list[str]) -> list[str]:
    """The lines that the last container of the log wrote, among its last lines: those after the newest boundary.

    A container that prints such a line itself hides its own earlier lines and nobody else's.
    """
    starts = [number for number, line in enumerate(lines) if _is_boundary(line) and line.endswith(" starts")]
    life = lines[starts[-1] + 1 :] if starts else lines
    return [line for line in life if not _is_boundary(line)]


def _is_boundary(line: str) -> bool:
    return line.startswith(f"{BOUNDARY} ") and " UTC container " in line


def rotate(path: Path) -> bool:
    """Move the end of a log that has outgrown its limit aside; True if it did.

    For a container of an older hive, which keeps writing to the same open file (in append mode): the content is copied
    and then cut. At most the limit is copied, so that a hole never becomes blocks on the disk.
    """
    try:
        if path.stat().st_size <= MAX_LOG_BYTES:
            return False
    except FileNotFoundError:
        return False
    aside = path.with_suffix(".log.1")
    with path.open("r+b") as log, aside.open("wb") as kept:
        log.seek(-MAX_LOG_BYTES, os.SEEK_END)
        left = MAX_LOG_BYTES
        while left > 0 and (block := log.read(min(_CHUNK, left))):
            kept.write(block)
            left -= len(block)
        log.truncate(0)
    return True


class Follower:
    """Iterates over lists of lines: the last ones first, then what is appended. Lives in one greenlet.

    Each line is given as `clean` returns it.
    """

    def __init__(self, path: Path, lines: int, clean: Callable[[str], str] = str) -> None:
        self._clean = clean
        self._path = path
        self._file: int | None = None
        self._first, self._position, self._rest = _tail(path, lines)
        if self._rest:
            self._first.pop()  # it comes when it is complete
        self._changed = Event()
        self._closed = False
        self._watcher = get_hub().loop.stat(str(path), _STAT_SECONDS)
        self._watcher.start(self._changed.set)

    def __iter__(self) -> Iterator[list[str]]:
        try:
            yield [self._clean(line) for line in self._first]
            while not self._closed:
                if lines := self._more():
                    yield [self._clean(line) for line in lines]
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
                status = os.fstat(log.fileno())
                if status.st_size < self._position or self._file not in {None, status.st_ino}:
                    self._position = 0  # it was rotated
                self._file = status.st_ino
                log.seek(self._position)
                block = log.read(_CHUNK)
        except FileNotFoundError:
            return []
        self._position += len(block)
        *lines, self._rest = (self._rest + block).split(b"\n")
        if len(self._rest) > LINE_BYTES:
            lines, self._rest = [*lines, self._rest], b""
        return [line.decode(errors="replace") for line in _pieces(lines)]
