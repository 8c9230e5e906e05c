"""A log that has an end: what a process prints, line by line, in a file of a bounded size and one older one."""

import os
from pathlib import Path

LOG_BYTES = 4 * 1024**2
"""As of an agent's log. A file that would become larger becomes `….1`, and a new one begins."""


class LogFile:
    """To be given as the output of a process; called in the hub, with a line that has no end."""

    def __init__(self, path: Path, *, limit: int = LOG_BYTES) -> None:
        self._path, self._limit = path, limit

    def __call__(self, line: bytes) -> None:
        handle = self._open()
        try:
            size = os.fstat(handle).st_size
            if size and size + len(line) + 1 > self._limit:
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))
                os.close(handle)
                handle = self._open()
            os.write(handle, line + b"\n")
        finally:
            os.close(handle)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
