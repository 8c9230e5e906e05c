"""Where a process's output goes: nowhere, to a file, or line by line to a callback."""

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
"""A longer line is passed on in pieces."""

_READ = 1


class Sink:
    """The writing end for one process, and what reads the other end. `handed_over` closes `writer`."""

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
        """The process has its own copy. Ours is closed, or the end of the output would never show."""
        os.close(self.writer)

    def close(self) -> None:
        """Pass on what is still there and stop, even if a process keeps the other end open."""
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
            self._pass_on(line)
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
            self._pass_on(self._rest)
            self._rest = b""

    def _pass_on(self, line: bytes) -> None:
        try:
            self._callback(line)
        except Exception:
            logger.exception("the callback for a line of output failed")
