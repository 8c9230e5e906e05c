"""The files of a review with what is noted of them: comments at their lines, marks of viewed files. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.wire.review import FileChange
from harness.wire.review.comments import CommentRow
from web.presentation.diff.lines import Line, numbered
from web.presentation.diff.words import Budget

Place = tuple[str, int]
"""A side, new or old, and the number of a line."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Where the operator wants to write a comment: in the file whose change is `content`, at a line or on all of it."""

    content: str
    side: str = "new"
    line: int | None = None


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a review as a page shows it; `index` is its place in the review.

    `below`: the comments below a line. `rest`: those without a line here. `form`: the field for a new one is open at
    `form.line`.
    """

    index: int
    change: FileChange
    lines: list[Line]
    viewed: bool = False
    below: Mapping[Place, Sequence[CommentRow]] = field(default_factory=dict)
    rest: Sequence[CommentRow] = ()
    form: Asked | None = None

    @property
    def comments(self) -> int:
        """How many comments are on this file."""
        return len(self.rest) + sum(map(len, self.below.values()))

    def at(self, line: Line) -> list[CommentRow]:
        """The comments below a line."""
        if not self.below:
            return []
        places = (("old", line.old), ("new", line.new))
        return [one for side, number in places if number for one in self.below.get((side, number), ())]

    def asked_at(self, line: Line) -> bool:
        """Whether the field for a new comment is open below a line."""
        form = self.form
        if form is None or form.line is None:
            return False
        return form.line == (line.old if form.side == "old" else line.new)

    @property
    def form_is_below(self) -> bool:
        """Whether the field for a new comment is below one of the lines."""
        return any(self.asked_at(line) for line in self.lines)


def files(
    changes: Iterable[FileChange],
    comments: Iterable[CommentRow] = (),
    viewed: Iterable[str] = (),
    asked: Asked | None = None,
) -> list[ShownFile]:
    """The files with their lines numbered, and with the words that differ as far as the budget of one review goes."""
    budget, marked, said = Budget(), set(viewed), list(comments)
    found = []
    for index, change in enumerate(changes):
        lines = numbered(change.marked(), budget)
        own = [one for one in said if (one.source, one.path) == (change.source, change.path)]
        below, rest = _placed(lines, own)
        form = asked if asked is not None and asked.content and asked.content == change.content else None
        found.append(ShownFile(index, change, lines, change.content in marked, below, rest, form))
    return found


def elsewhere(changes: Iterable[FileChange], comments: Iterable[CommentRow]) -> list[CommentRow]:
    """The comments on files that do not differ."""
    shown = {(one.source, one.path) for one in changes}
    return [one for one in comments if (one.source, one.path) not in shown]


def _placed(
    lines: Iterable[Line], comments: Iterable[CommentRow]
) -> tuple[dict[Place, list[CommentRow]], list[CommentRow]]:
    known: set[Place] = set()
    for line in lines:
        known |= {(side, number) for side, number in (("old", line.old), ("new", line.new)) if number}
    below: dict[Place, list[CommentRow]] = {}
    rest = []
    for one in comments:
        place = (one.side, one.line or 0)
        if one.outdated or place not in known:
            rest.append(one)
        else:
            below.setdefault(place, []).append(one)
    return below, rest
