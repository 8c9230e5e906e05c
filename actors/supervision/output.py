"""Where a process's output goes: to nobody, to a file, or line by line to a callback."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gevent import get_hub

logger = logging.getLogger(__name__)

Output = Path | Callable[[bytes], object] | None
"""A file that is appended to, a callback for each line (in the hub: it must not block), or nowhere."""

READ_BYTES = 65_536
LINE_BYTES = 65_536
"""A longer line is handed out in pieces."""

_READ = 1


class Sink:
    """The writing end for one process, and what reads the other end. `writer` is closed once the process has it."""

    def __init__(self, output: Output) -> None:
        self._pump: _Pump | None = None
        if output is None:
            self.writer = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        elif isinstance(output, Path):
            self.writer = os.open(output, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        else:
            reader, self.writer = os.pipe()
            self._pump = _Pump(reader, output)

    def handed_over(self) -> None:
        """The process has its copy; ours goes, so that the end of the output can be seen."""
        os.close(self.writer)

    def close(self) -> None:
        """Hand out what is still there and stop, even if somebody keeps the other end open."""
        if self._pump is not None:
            self._pump.close()


class _Pump:
    """Reads a pipe as it fills and calls back for each line."""

    def __init__(self, reader: int, callback: Callable[[bytes], object]) -> None:
        os.set_blocking(reader, False)
        self._reader = reader
        self._callback = callback
        self._rest = b""
        self._watcher: Any = get_hub().loop.io(reader, _READ)
        self._watcher.start(self._readable)

    def _readable(self) -> bool:
        """Take one piece; whether there may be more."""
        try:
            piece = os.read(self._reader, READ_BYTES)
        except BlockingIOError:
            return False
        if not piece:
            self._stop()
            return False
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > LINE_BYTES:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._hand_out(line)
        return True

    def close(self) -> None:
        if self._watcher is None:
            return
        # Bounded: a survivor that writes faster than we read must not keep us here.
        for _ in range(16):
            if not self._readable():
                break
        self._stop()

    def _stop(self) -> None:
        if self._watcher is None:
            return
        self._watcher.stop()
        self._watcher.close()
        self._watcher = None
        os.close(self._reader)
        if self._rest:
            self._hand_out(self._rest)
            self._rest = b""

    def _hand_out(self, line: bytes) -> None:
        try:
            self._callback(line)
        except Exception:
            logger.exception("the receiver of a line of output failed")
