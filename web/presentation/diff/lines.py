"""The lines of a changed file with their numbers in the old and the new file. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from harness.wire.review import PartReply
from web.presentation.diff.pieces import Piece, Span, pieces
from web.presentation.diff.words import Budget, differing

KINDS = {"+": "add", "-": "del", " ": "same", "@": "hunk", "\\": "remark"}
_SIGNS = {"add": "+", "del": "\N{MINUS SIGN}"}
_HUNK = re.compile(r"@@ -(\d{1,9})(?:,\d+)? \+(\d{1,9})(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `kind`: add, del, same, hunk (a heading), remark (git's own words), more (the rest of a line).

    `old` and `new` are its numbers, from 1 on; None where the file has no such line.
    """

    kind: str
    text: str
    pieces: tuple[Piece, ...]
    old: int | None = None
    new: int | None = None

    @property
    def sign(self) -> str:
        """What a diff has before the line."""
        return _SIGNS.get(self.kind, "")


@dataclass(slots=True)
class Run:
    """Lines that were removed, and the lines in their place, each with git's remarks about it."""

    removed: list[Line] = field(default_factory=list)
    added: list[Line] = field(default_factory=list)


def numbered(marked: Iterable[tuple[str, str]], budget: Budget) -> list[Line]:
    """The lines of a file in their order, with the words that differ in those that replace another one."""
    found: list[Line] = []
    for one in runs(_counted(marked, 0, 0)):
        found += [one] if isinstance(one, Line) else _compared(one, budget)
    return found


def runs(lines: Iterable[Line]) -> Iterator[Line | Run]:
    """The lines in order, those that were changed as a run."""
    run = Run()
    for line in lines:
        if line.kind == "add":
            run.added.append(line)
        elif line.kind == "remark" and (run.removed or run.added):
            (run.added or run.removed).append(line)
        elif line.kind == "del" and not run.added:
            run.removed.append(line)
        else:
            if run.removed or run.added:
                yield run
            run = Run([line] if line.kind == "del" else [])
            if line.kind != "del":
                yield line
    if run.removed or run.added:
        yield run


def part_lines(piece: PartReply) -> list[Line]:
    """The lines of a piece of a part; those of a binary file have neither marks nor numbers."""
    if not piece.text:
        return []
    lines = piece.text.removesuffix("\n").split("\n")
    if not piece.marked:
        return [Line("same", line, pieces(line)) for line in lines]
    begun = [Line("more", lines[0], pieces(lines[0]))] if piece.continues else []
    marked = ((line[:1], line[1:]) for line in lines[len(begun) :])
    return begun + list(_counted(marked, piece.old_line, piece.new_line))


def _counted(marked: Iterable[tuple[str, str]], old: int, new: int) -> Iterator[Line]:
    """The lines with their numbers. `old`, `new`: how many lines of the files are before the first one."""
    for mark, text in marked:
        kind = KINDS.get(mark, "remark")
        if kind == "hunk" and (heading := _HUNK.match(text)):
            old, new = (max(0, int(number) - 1) for number in heading.groups())
        in_old, in_new = kind in {"del", "same"}, kind in {"add", "same"}
        old, new = old + in_old, new + in_new
        yield Line(kind, text, pieces(text), old if in_old else None, new if in_new else None)


def _compared(run: Run, budget: Budget) -> list[Line]:
    """The lines of a run, the first that was removed compared with the first that was added, and so on."""
    befores = [line for line in run.removed if line.kind == "del"]
    afters = [line for line in run.added if line.kind == "add"]
    compared: dict[int, Line] = {}
    for before, after in zip(befores, afters, strict=False):
        gone, come = differing(before.text, after.text, budget)
        compared |= {id(before): _with_words(before, gone), id(after): _with_words(after, come)}
    return [compared.get(id(line), line) for line in (*run.removed, *run.added)]


def _with_words(line: Line, spans: list[Span]) -> Line:
    return replace(line, pieces=pieces(line.text, spans)) if spans else line
