"""Which process this is, and when it ends.

A pid alone is no identity: the kernel gives it away again. Pid and start time together are.
"""

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gevent import get_hub

_READ = 1


def start_time(pid: int) -> int | None:
    """Clock ticks after boot at which the process began; None when there is none or only its zombie is left."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(b")")[2].split()  # the name in the brackets may contain anything
    return None if fields[0] in {b"Z", b"X"} else int(fields[19])


def open_pidfd(pid: int, started: int) -> int | None:
    """A pidfd of exactly this process; None when it has ended. The caller closes it."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    # Looked at after opening: from here on the handle is of the process whose start time this is.
    if start_time(pid) != started:
        os.close(pidfd)
        return None
    return pidfd


def send(pid: int, started: int, signal_: signal.Signals) -> bool:
    """Send a signal to exactly this process; False when it has ended."""
    pidfd = open_pidfd(pid, started)
    if pidfd is None:
        return False
    try:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal_)
            return True
        return False
    finally:
        os.close(pidfd)


class EndWatch:
    """Calls back once, in the hub, when a process has ended; at once if it already has. Owns a pidfd till then."""

    def __init__(self, pid: int, started: int, on_end: Callable[[], None]) -> None:
        self._on_end = on_end
        self._pidfd = open_pidfd(pid, started)
        self._watcher: Any = None
        if self._pidfd is None:
            get_hub().loop.run_callback(self._ended)
        else:
            self._watcher = get_hub().loop.io(self._pidfd, _READ)
            self._watcher.start(self._ended)

    def cancel(self) -> None:
        """Never call back any more."""
        self._on_end = _nothing
        self._release()

    def _ended(self) -> None:
        on_end, self._on_end = self._on_end, _nothing
        self._release()
        on_end()

    def _release(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None
        if self._pidfd is not None:
            os.close(self._pidfd)
            self._pidfd = None


def _nothing() -> None:
    """Stands for a callback that is not wanted any more."""
