"""Git's diff of several files as what is shown of it: headings, counts, lines with their marks. Pure.

Lines inside a hunk are counted as its heading announces them, so that a file which holds the text of a diff can
not pretend to be another file.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_ESCAPED = re.compile(rb"\\(?:([0-7]{3})|(.))", re.DOTALL)

_ACTING = re.compile(r"(?<!\\)(?:\\\\)*\\[abfnrtv]")
"""A control character as git writes it."""

MODES = {"new file mode": "new", "deleted file mode": "deleted", "old mode": "mode changed", "rename from": "renamed"}


@dataclass(frozen=True, slots=True)
class Line:
    """`mark` is `+`, `-`, a space, `@` for the heading of a hunk, a backslash for a remark of git's."""

    mark: str
    text: str


@dataclass(slots=True)
class FileDiff:
    """What changed in one file. `change` is a word where it is more than an edit."""

    path: str
    before: str | None = None
    """The path it was renamed from."""
    change: str = ""
    added: int = 0
    removed: int = 0
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Diff:
    """A whole diff; `rest` is what stood there and is no diff of a file (a remark that it was cut)."""

    files: list[FileDiff]
    rest: list[str]

    @property
    def added(self) -> int:
        return sum(one.added for one in self.files)

    @property
    def removed(self) -> int:
        return sum(one.removed for one in self.files)

    @property
    def paths(self) -> list[str]:
        return [one.path for one in self.files]


def parse(text: str) -> Diff:
    """`text` as `git diff` wrote it. Nothing is dropped that is not told in another way."""
    files: list[FileDiff] = []
    rest: list[str] = []
    old = new = 0
    for line in text.split("\n"):
        if old > 0 or new > 0:
            mark = line[:1] or " "
            if mark in "+- ":
                old -= mark != "+"
                new -= mark != "-"
                files[-1].lines.append(Line(mark, line[1:]))
                files[-1].added += mark == "+"
                files[-1].removed += mark == "-"
                continue
            if mark == "\\":
                files[-1].lines.append(Line(mark, line[2:]))
                continue
            old = new = 0  # cut in the middle of a hunk
        if line.startswith("diff --git "):
            files.append(FileDiff(_both(line.removeprefix("diff --git "))))
        elif files and (hunk := _HUNK.match(line)):
            old, new = (1 if count is None else int(count) for count in hunk.groups())
            files[-1].lines.append(Line("@", line))
        elif files and line.startswith("\\ "):
            files[-1].lines.append(Line("\\", line[2:]))
        elif not (files and _heading(files[-1], line)) and line:
            rest.append(line)
    return Diff(files, rest)


def brief(paths: Iterable[str], most: int = 2) -> str:
    """The first file names, and how many more there are."""
    names = list(paths)
    more = f" +{len(names) - most}" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _heading(one: FileDiff, line: str) -> bool:
    """Whether `line` belongs to the heading of a file; what it tells is noted."""
    for start, word in MODES.items():
        if line.startswith(start + " "):
            one.change = one.change or word
            if word == "renamed":
                one.before = _name(line.removeprefix(start + " "))
            return True
    if line.startswith("rename to "):
        one.path = _name(line.removeprefix("rename to "))
    elif line.startswith("+++ ") and line != "+++ /dev/null":
        one.path = _name(line[4:], "b/")
    elif line.startswith("--- ") and line != "--- /dev/null":
        one.path = _name(line[4:], "a/")
    elif line.startswith(("Binary files ", "GIT binary patch")):
        one.change = f"{one.change}, binary".removeprefix(", ")
    else:
        return line.startswith(("index ", "new mode ", "similarity index ", "--- ", "+++ "))
    return True


def _both(names: str) -> str:
    """The name in `a/x b/x`; the lines that follow tell it better where there are any."""
    if names.startswith('"'):
        return _name(names.rpartition(' "')[2] and '"' + names.rpartition(' "')[2], "b/")
    return names[len(names) // 2 + 1 :].removeprefix("b/")


def _name(raw: str, prefix: str = "") -> str:
    """A name as git wrote it. One that it quoted is read, unless something in it would act rather than show."""
    raw = raw.removesuffix("\t")
    if not (raw.startswith('"') and raw.endswith('"')):
        return raw.removeprefix(prefix)
    plain = _ESCAPED.sub(lambda match: bytes([int(match[1], 8) & 255]) if match[1] else match[2], raw[1:-1].encode())
    read = plain.decode(errors="replace")
    return read.removeprefix(prefix) if read.isprintable() and not _ACTING.search(raw) else raw
