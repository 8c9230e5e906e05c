"""Which lines of a change fit into one reply, and a name for everything that does not. Pure.

A part's name follows from what it holds: accepting a part of one proposal accepts nothing of another one.
"""

import json
import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Literal

from actors.agent.repos.compare import Difference
from harness.wire.review import FileChange, Unshown

FILE_BYTES = 60_000
"""Of one file, as it goes over the wire."""
SHOWN_BYTES = 240_000
"""Of all files together. With 500 names on both sides a reply stays below the size of a frame."""
LINE_BYTES = 32
"""What each line counts beside its text: a page makes a row of it, and thousands of short ones are as long to read."""
PIECE = 60_000
"""Characters of a part in one reply; the widest take four bytes."""

_HUNK = re.compile(r"@@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
"""The heading of a hunk, with the mark of a heading before it."""

Source = Literal["config", "notes"]
WHERE = {"config": "", "notes": "state/"}
"""What a path is below, as the operator reads it."""


def files(
    found: Iterable[tuple[Source, Difference]], *, most: int = SHOWN_BYTES, of_one: int = FILE_BYTES
) -> tuple[list[FileChange], list[Unshown]]:
    """Every file, with the lines that fit, in the order given; and a row for each of which something is not shown."""
    rows, unshown, left = [], [], most
    for source, one in found:
        allowed = min(left, of_one)
        lines, used = _that_fit(one.lines, allowed)
        left -= used
        missing = len(one.lines) - len(lines)
        part = part_name(source, one) if missing or one.binary else None
        rows.append(_row(source, one, lines, missing, part))
        if part is not None:
            unshown.append(Unshown(part=part, what=f"{WHERE[source]}{one.path}", why=_why(one, missing)))
    return rows, unshown


def part_name(source: Source, one: Difference) -> str:
    """The name of what a file does not show: by its place and by both contents."""
    whole = json.dumps([source, one.path, one.before, one.old_oid, one.new_oid])
    return sha256(whole.encode()).hexdigest()[:16]


def end_of_piece(whole: str, offset: int) -> int:
    """Where the piece that begins at `offset` ends: after a line, if the piece holds the end of one."""
    end = offset + PIECE
    return end if end >= len(whole) else whole.rfind("\n", offset, end) + 1 or end


def lines_before(whole: str, offset: int) -> tuple[int, int]:
    """How many lines of the old and of the new file stand before the character `offset` of a diff.

    A line that begins before it counts.
    """
    old = new = 0
    for line in whole[:offset].removesuffix("\n").split("\n") if offset else ():
        if heading := _HUNK.match(line):
            old, new = (max(0, int(number) - 1) for number in heading.groups())
        else:
            old += line[:1] in {"-", " "}
            new += line[:1] in {"+", " "}
    return old, new


def _row(source: Source, one: Difference, lines: list[str], missing: int, part: str | None) -> FileChange:
    return FileChange(
        source=source,
        path=one.path,
        before=one.before,
        change=one.change,
        mode=one.mode,
        binary=one.binary,
        size=one.size,
        sha256=one.digest,
        added=one.added,
        removed=one.removed,
        hidden=one.hidden,
        lines="\n".join(lines),
        missing=missing,
        part=part,
        content=part_name(source, one),
    )


def _why(one: Difference, missing: int) -> str:
    if one.binary:
        return f"binary: {one.size} bytes, sha256 {one.digest}"
    return f"long: {missing} of {len(one.lines)} lines are not shown"


def _that_fit(lines: Iterable[str], most: int) -> tuple[list[str], int]:
    shown: list[str] = []
    used = 0
    for line in lines:
        size = LINE_BYTES + len(json.dumps(line, ensure_ascii=False).encode())
        if used + size > most:
            break
        shown.append(line)
        used += size
    return shown, used
