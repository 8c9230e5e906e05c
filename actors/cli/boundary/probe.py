"""The program that `hive doctor` runs inside a sandbox: tries to break out and prints what came of it as one JSON line.

Standard library only. Everything it takes is bounded by its own counts, so that a limit which does not hold costs
little. Its argument is JSON: `files` and `socket` (paths of the host), `port` (of the host's loopback), `pid_namespace`
(of the host), `own` (its folder inside), `memory` (bytes, of which each of two children takes 5/8), `pids`.
"""

import contextlib
import ctypes
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLONE_NEWUSER = 0x10000000
BURN_SECONDS = 0.5
CONNECT_SECONDS = 1.0


def main() -> None:
    orders = json.loads(sys.argv[1])
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(
        json.dumps(
            {
                "files": [path for path in orders["files"] if _works(Path(path).read_bytes)],
                "socket": _works(lambda: socket.socket(socket.AF_UNIX).connect(orders["socket"])),
                "same_processes": str(Path("/proc/self/ns/pid").readlink()) == orders["pid_namespace"],
                "capabilities": int(status["CapEff"], 16),
                "seccomp": int(status.get("Seccomp", "0")),
                "user_namespace": _user_namespace(),
                "setuid": _works(lambda: _make_setuid(Path(orders["own"]) / "setuid")),
                "loopback": _works(lambda: socket.create_connection(("127.0.0.1", orders["port"]), CONNECT_SECONDS)),
                "memory": _memory(orders["memory"] * 5 // 8),
                "cpu": _cpu(),
                "pids": _children(orders["pids"] * 2),
                "tmp": [_size(place) for place in ("/tmp", "/dev/shm")],  # noqa: S108 — what is looked at
            }
        ),
        flush=True,
    )


def _works(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True


def _user_namespace() -> bool:
    child = os.fork()
    if child == 0:
        os._exit(ctypes.CDLL(None).unshare(CLONE_NEWUSER) != 0)
    return os.waitpid(child, 0)[1] == 0


def _make_setuid(path: Path) -> None:
    path.touch()
    path.chmod(0o4755)


def _memory(size: int) -> int:
    """How many of two children had so much memory at the same time."""
    ends, children = [], []
    for _ in range(2):
        got, gave = os.pipe()
        if (child := os.fork()) == 0:
            with contextlib.suppress(BaseException):
                block = bytearray(size)
                block[::4096] = b"x" * len(block[::4096])
                os.write(gave, b"x")
                time.sleep(60)
            os._exit(1)
        os.close(gave)
        ends.append(got)
        children.append(child)
    had = sum(len(os.read(end, 1)) for end in ends)
    # One that was killed so that another could go on does not count.
    left = [child for child in children if os.waitpid(child, os.WNOHANG)[0] == 0]
    _end(left)
    return min(had, len(left))


def _cpu() -> float:
    """The cores that two busy processes had together."""
    before, began = os.times(), time.monotonic()
    children = []
    for _ in range(2):
        if (child := os.fork()) == 0:
            while time.monotonic() - began < BURN_SECONDS:
                pass
            os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    after = os.times()
    took = after.children_user + after.children_system - before.children_user - before.children_system
    return took / (time.monotonic() - began)


def _children(most: int) -> int:
    """How many processes could be had at the same time, of so many."""
    children: list[int] = []
    with contextlib.suppress(OSError):
        while len(children) < most:
            if (child := os.fork()) == 0:
                time.sleep(60)
                os._exit(0)
            children.append(child)
    _end(children)
    return len(children)


def _end(children: "list[int]") -> None:
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _size(place: str) -> int:
    status = os.statvfs(place)
    return status.f_blocks * status.f_frsize


if __name__ == "__main__":
    main()
