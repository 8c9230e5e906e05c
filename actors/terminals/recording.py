"""Recordings of terminals as asciicast v2: a line of JSON as the head, then one line for each output or resize.

Owns `state_dir/terminals/<agent>/<id>.cast`. What is typed is not recorded, only what the screen shows of it: a
password that a program asks for stays out. Format: https://docs.asciinema.org/manual/asciicast/v2/
"""

import codecs
import json
import os
from dataclasses import dataclass
from pathlib import Path

from actors.terminals.messages import Size

MAX_BYTES = 32 * 1024 * 1024
"""Of one recording. A terminal whose recording is full ends, because nothing in a terminal goes unrecorded."""
MAX_ALL_BYTES = 1024 * 1024 * 1024
"""Of all recordings together; the oldest go first."""
HEAD_BYTES = 4096
SUFFIX = ".cast"
DAY_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the head of a recording says, and its file."""

    path: Path
    agent: str
    id: str
    opened_ms: int
    opened_by: str
    size: Size
    bytes: int


class Recording:
    """One file that is being written; every line reaches the operating system at once."""

    def __init__(self, path: Path, *, size: Size, opened_ms: int, opened_by: str, agent: str) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        head = {
            "version": 2,
            "width": size.columns,
            "height": size.rows,
            "timestamp": opened_ms // 1000,
            "title": f"{agent}, opened by {opened_by}",
            "env": {"TERM": "xterm-256color"},
            "hive": {"agent": agent, "opened_ms": opened_ms, "opened_by": opened_by},
        }
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.bytes = 0
        self._write(head)

    @property
    def full(self) -> bool:
        return self.bytes >= MAX_BYTES

    def output(self, seconds: float, data: bytes) -> None:
        """`data` appeared, `seconds` after the terminal was opened."""
        text = self._decoder.decode(data)
        if text:
            self._write([round(seconds, 6), "o", text])

    def resized(self, seconds: float, size: Size) -> None:
        """The screen has another size from now on."""
        self._write([round(seconds, 6), "r", f"{size.columns}x{size.rows}"])

    def close(self) -> None:
        os.close(self._file)

    def _write(self, value: object) -> None:
        line = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        os.write(self._file, line)
        self.bytes += len(line)


def path_of(folder: Path, agent: str, id_: str) -> Path:
    """Where the recording of a terminal lies."""
    return folder / agent / f"{id_}{SUFFIX}"


def recordings(folder: Path, agent: str | None = None) -> list[Recorded]:
    """Every recording, the last opened first. A file that is none is left out. For a native thread."""
    found = (read_head(path) for path in folder.glob(f"{agent or '*'}/*{SUFFIX}"))
    return sorted((one for one in found if one is not None), key=lambda one: one.opened_ms, reverse=True)


def read_head(path: Path) -> Recorded | None:
    """The head of one recording; None for a file that is none."""
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline(HEAD_BYTES))
        mine = head["hive"]
        return Recorded(
            path=path,
            agent=path.parent.name,
            id=path.name.removesuffix(SUFFIX),
            opened_ms=int(mine["opened_ms"]),
            opened_by=str(mine["opened_by"]),
            size=Size(int(head["width"]), int(head["height"])),
            bytes=path.stat().st_size,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def to_delete(found: list[Recorded], *, now_ms: int, days: int, open_ids: frozenset[str]) -> list[Recorded]:
    """Which recordings go: those older than `days`, and the oldest of what is too much together. Pure.

    `found` begins with the last opened. The recording of an open terminal always stays.
    """
    gone, together = [], 0
    for one in found:
        together += one.bytes
        too_old = one.opened_ms < now_ms - days * DAY_MS
        if (too_old or together > MAX_ALL_BYTES) and one.id not in open_ids:
            gone.append(one)
            together -= one.bytes
    return gone
