"""The output of `git diff` as one list of lines for each file. Pure.

The heading of a hunk announces its number of lines, and exactly so many are read as its content: a file that holds
the text of a diff cannot pretend to be another file.
"""

import re
from dataclasses import dataclass, field

from harness.wire.visible import hidden, visible

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_START = "diff --git "


@dataclass(slots=True)
class FileLines:
    """The changed lines of one file, in git's order, each with its mark first, made visible."""

    lines: list[str] = field(default_factory=list)
    added: int = 0
    removed: int = 0
    hidden: int = 0
    """Characters that a reader would not see, in lines that were added or removed."""


def parse(text: str) -> list[FileLines]:
    """The files of a diff, in its order. Headings are left out: git's raw form has the names and modes."""
    files: list[FileLines] = []
    old = new = 0
    for line in text.split("\n"):
        if old > 0 or new > 0:
            mark = line[:1] or " "
            old -= mark in " -"
            new -= mark in " +"
            _content(files[-1], mark, line)
        elif line.startswith(_START):
            files.append(FileLines())
        elif files and (hunk := _HUNK.match(line)):
            old, new = (1 if count is None else int(count) for count in hunk.groups())
            files[-1].lines.append("@" + visible(line))
        elif files and line.startswith("\\ "):
            files[-1].lines.append(line)
    return files


def _content(file: FileLines, mark: str, line: str) -> None:
    text = line[1:]
    file.lines.append(mark + visible(text))
    if mark == "+":
        file.added += 1
        file.hidden += hidden(text)
    elif mark == "-":
        file.removed += 1
        file.hidden += hidden(text)
