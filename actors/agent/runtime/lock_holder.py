"""Which process holds the lock of a file, and what its environment says of it."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from actors.agent.runtime import pidfd

LOCKS = Path("/proc/locks")


@dataclass(frozen=True, slots=True)
class LockHolder:
    """A process; `mark` is the value of a variable in its environment."""

    pid: int
    start_time: int
    mark: str


def find(path: Path, variable: bytes) -> LockHolder | None:
    """The process that holds an flock of the file and has the variable (`NAME=`); None where there is none.

    Reads `/proc/locks`: for a native thread.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    for pid in holders(LOCKS.read_text(), os.major(status.st_dev), os.minor(status.st_dev), status.st_ino):
        start_time = pidfd.start_time(pid)
        with contextlib.suppress(OSError):
            words = (Path("/proc") / str(pid) / "environ").read_bytes().split(b"\0")
            for word in words:
                if word.startswith(variable) and start_time is not None:
                    return LockHolder(pid, start_time, word.removeprefix(variable).decode(errors="replace"))
    return None


def holders(locks: str, major: int, minor: int, inode: int) -> list[int]:
    """The pids in the text of `/proc/locks` that hold an flock of this file. Pure."""
    found = []
    for line in locks.splitlines():
        words = line.split()
        if len(words) >= 6 and words[1] == "FLOCK" and words[5] == f"{major:02x}:{minor:02x}:{inode}":
            found.append(int(words[4]))
    return found
