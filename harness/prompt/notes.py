"""The notes of an agent, as a new session is given them: the newest, because agents write at the end of the file."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Notes:
    """Whole lines from the end of the file; `left_out` bytes stand before them in it."""

    text: str
    left_out: int = 0


def newest_notes(path: Path, limit_bytes: int) -> Notes:
    """At most the last `limit_bytes` of the notes; empty where there are none."""
    try:
        return _read_no_link(path, limit_bytes)
    except OSError:
        return Notes("")


def notes_size(path: Path) -> int | None:
    """Bytes of the notes; None where there are none."""
    try:
        return path.lstat().st_size
    except OSError:
        return None


def _read_no_link(path: Path, limit_bytes: int) -> Notes:
    """From a file of the agent. OSError for anything else: a link could lead to what only the harness sees."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"{path} is no file")
        skipped = max(0, found.st_size - limit_bytes)
        file.seek(skipped)
        content = file.read(limit_bytes)
    if skipped:
        part, _, whole = content.partition(b"\n")  # a line that begins before the cut is left out, if another follows
        if whole:
            skipped, content = skipped + len(part) + 1, whole
    return Notes(content.decode(errors="replace"), skipped)
