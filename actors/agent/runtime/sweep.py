"""Ending what a container left behind, when the process that looked after it was killed too.

Everything inside carries its container's id in its environment. A program can drop that; one that did and also
outlived a SIGKILL of its shim is only held by a sandbox with a pid namespace, not by the `process` runtime.
"""

import contextlib
import os
import signal
from pathlib import Path

import gevent

from actors.in_thread import in_thread

ROUNDS = 50
_PAUSE_SECONDS = 0.01


def end_all(container_id: str) -> None:
    """SIGKILL every process of this container until there is none; a bounded number of rounds against a fork race."""
    for _ in range(ROUNDS):
        found = in_thread(living, container_id)
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        gevent.sleep(_PAUSE_SECONDS)


def living(container_id: str) -> list[int]:
    """The processes of this container. Reads all of /proc: for a native thread."""
    mark = f"HIVE_CONTAINER_ID={container_id}\0".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            # A zombie has no environment any more and needs no killing; others' processes are not ours to read.
            with contextlib.suppress(OSError):
                if mark in (folder / "environ").read_bytes() + b"\0":
                    found.append(int(folder.name))
    return found
