"""Where a comment belongs: the line that it is about, and where that line is in another commit."""

import re
from collections.abc import Iterable

from actors.agent.repos import Applied
from actors.agent.repos.compare import compare, read
from harness.wire.errors import bad_request, not_found
from harness.wire.visible import visible

MAX_QUOTED = 300
"""Characters of a line that a comment repeats; the number of the line says the rest."""

_HUNK = re.compile(r"@@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


def quoted(applied: Applied, sha: str | None, path: str, line: int | None) -> str:
    """The line of this file as a comment repeats it; empty for the whole file.

    `not_found` without the file or the line, `bad_request` for a line of a file that is no text.
    """
    lines = lines_of(applied, sha, path)
    if line is None:
        return ""
    if lines is None:
        raise bad_request(f"{path[:200]} is no text: it has no lines", f"comment on the whole file: {path[:200]}::TEXT")
    if line > len(lines):
        raise not_found(f"line {line} of {path[:200]}, which has {len(lines)}")
    return cut(lines[line - 1])


def lines_of(applied: Applied, sha: str | None, path: str) -> list[str] | None:
    """The lines of a file, made visible; None for one that is no text. `not_found` without the file."""
    entries = [] if sha is None or not applied.holds(sha) else applied.entries(sha)
    found = next((entry for entry in entries if path in (entry.path, visible(entry.path))), None)
    if found is None:
        raise not_found(
            f"file {path[:200]!r} in {'nothing' if sha is None else sha[:12]}", "`hive diff` lists the files"
        )
    try:
        text = read(applied.git, [found.oid])[found.oid].decode("utf-8")
    except UnicodeDecodeError:
        return None
    return [visible(line) for line in text.removesuffix("\n").split("\n")] if text else []


def cut(line: str) -> str:
    """At most `MAX_QUOTED` characters of a line."""
    return line if len(line) <= MAX_QUOTED else f"{line[: MAX_QUOTED - 1]}…"


def moves(applied: Applied, before: str, after: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """By its path in the first of two commits, each file that differs: its path in the second, its changed lines."""
    return {one.before or one.path: (one.path, one.lines) for one in compare(applied.git, before, after)}


def moved(changed: Iterable[str], line: int) -> int | None:
    """The number that a line has after a change, whose lines are given with their marks; None when it is gone."""
    shift = old = 0
    for text in changed:
        if heading := _HUNK.match(text):
            old = max(0, int(heading[1]) - 1)
            if old >= line:
                break
        elif text[:1] == "-":
            old += 1
            if old == line:
                return None
            shift -= 1
        elif text[:1] == "+":
            shift += 1
        elif text[:1] == " ":
            old += 1
            if old == line:
                return line + shift
    return line + shift
