"""How the lines of a file are laid out: one below the other, or the old file beside the new one. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple

from web.presentation.diff.lines import Line, runs


class Layout(StrEnum):
    """The layouts of a diff, by the word that stands in the address."""

    UNIFIED = "unified"
    SPLIT = "split"


class Row(NamedTuple):
    """Two lines beside each other; None where one side has nothing. A line that is the same is on both sides."""

    old: Line | None
    new: Line | None


LAYOUTS: Sequence[tuple[Layout, str]] = ((Layout.UNIFIED, "unified"), (Layout.SPLIT, "side by side"))
"""Each layout with its name on the page."""


def side_by_side(lines: Iterable[Line]) -> Iterator[Row]:
    """The lines in rows: each line beside the one that replaces it, the rest of a run alone on its side."""
    for one in runs(lines):
        if isinstance(one, Line):
            yield Row(one, one)
        else:
            yield from (Row(old, new) for old, new in zip_longest(one.removed, one.added))
