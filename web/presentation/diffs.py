"""The output of `git diff` as files with their changed lines. Pure.

The heading of a hunk announces its number of lines, and exactly so many are read as its content: a file that holds
the text of a diff cannot pretend to be another file.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_ESCAPED = re.compile(rb"\\(?:([0-7]{3})|(.))", re.DOTALL)

_CONTROL = re.compile(r"(?<!\\)(?:\\\\)*\\[abfnrtv]")
"""A control character as git quotes it."""

MODES = {"new file mode": "new", "deleted file mode": "deleted", "old mode": "mode changed", "rename from": "renamed"}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """`mark` is `+`, `-`, a space, `@` for the heading of a hunk, or a backslash for a remark by git."""

    mark: str
    text: str


@dataclass(slots=True)
class FileDiff:
    """The changes in one file. `change` names what happened beyond an edit: new, deleted, renamed, binary."""

    path: str
    before: str | None = None
    """The path before a rename."""
    change: str = ""
    added: int = 0
    removed: int = 0
    lines: list[DiffLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Diff:
    """A whole diff; `rest` holds the lines outside of every file, such as the remark that the diff was cut."""

    files: list[FileDiff]
    rest: list[str]

    @property
    def added(self) -> int:
        return sum(file.added for file in self.files)

    @property
    def removed(self) -> int:
        return sum(file.removed for file in self.files)

    @property
    def paths(self) -> list[str]:
        return [file.path for file in self.files]


def parse(text: str) -> Diff:
    """The diff in the output of `git diff`. Every line ends in a file, in its heading or in `rest`."""
    parser = _Parser()
    for line in text.split("\n"):
        parser.feed(line)
    return Diff(parser.files, parser.rest)


class _Parser:
    """Reads a diff line by line; `_old` and `_new` count the lines that the current hunk still has to bring."""

    def __init__(self) -> None:
        self.files: list[FileDiff] = []
        self.rest: list[str] = []
        self._old = self._new = 0

    def feed(self, line: str) -> None:
        if (self._old > 0 or self._new > 0) and self._inside_hunk(line):
            return
        if line.startswith("diff --git "):
            self.files.append(FileDiff(_path_of_pair(line.removeprefix("diff --git "))))
        elif self.files and (hunk := _HUNK.match(line)):
            self._old, self._new = (1 if count is None else int(count) for count in hunk.groups())
            self.files[-1].lines.append(DiffLine("@", line))
        elif self.files and line.startswith("\\ "):
            self.files[-1].lines.append(DiffLine("\\", line[2:]))
        elif not (self.files and _read_heading(self.files[-1], line)) and line:
            self.rest.append(line)

    def _inside_hunk(self, line: str) -> bool:
        """Whether `line` belongs to the hunk; one that cannot means that the diff was cut there."""
        current, mark = self.files[-1], line[:1] or " "
        if mark in "+- ":
            self._old -= mark != "+"
            self._new -= mark != "-"
            current.lines.append(DiffLine(mark, line[1:]))
            current.added += mark == "+"
            current.removed += mark == "-"
            return True
        if mark == "\\":
            current.lines.append(DiffLine(mark, line[2:]))
            return True
        self._old = self._new = 0
        return False


def brief(paths: Iterable[str], limit: int = 2) -> str:
    """The first `limit` paths, and how many more there are."""
    names = list(paths)
    more = f" +{len(names) - limit}" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def _read_heading(file: FileDiff, line: str) -> bool:
    """Whether `line` belongs to the heading of `file`, which takes over what the line tells."""
    for start, word in MODES.items():
        if line.startswith(start + " "):
            file.change = file.change or word
            if word == "renamed":
                file.before = _decoded_path(line.removeprefix(start + " "))
            return True
    if line.startswith("rename to "):
        file.path = _decoded_path(line.removeprefix("rename to "))
    elif line.startswith("+++ ") and line != "+++ /dev/null":
        file.path = _decoded_path(line[4:], "b/")
    elif line.startswith("--- ") and line != "--- /dev/null":
        file.path = _decoded_path(line[4:], "a/")
    elif line.startswith(("Binary files ", "GIT binary patch")):
        file.change = f"{file.change}, binary".removeprefix(", ")
    else:
        return line.startswith(("index ", "new mode ", "similarity index ", "--- ", "+++ "))
    return True


def _path_of_pair(names: str) -> str:
    """The path in `a/x b/x`; the lines of the heading that follow are more exact where there are any."""
    if names.startswith('"'):
        return _decoded_path(names.rpartition(' "')[2] and '"' + names.rpartition(' "')[2], "b/")
    return names[len(names) // 2 + 1 :].removeprefix("b/")


def _decoded_path(raw: str, prefix: str = "") -> str:
    """A path as git wrote it. A quoted one is decoded, unless it holds characters that a page would act upon."""
    raw = raw.removesuffix("\t")
    if not (raw.startswith('"') and raw.endswith('"')):
        return raw.removeprefix(prefix)
    plain = _ESCAPED.sub(lambda match: bytes([int(match[1], 8) & 255]) if match[1] else match[2], raw[1:-1].encode())
    read = plain.decode(errors="replace")
    return read.removeprefix(prefix) if read.isprintable() and not _CONTROL.search(raw) else raw
