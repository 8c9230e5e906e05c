"""A line in pieces: what hides is marked, and so is the word that differs. Pure."""

import re
from collections import deque
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

HIDDEN = re.compile(r"(\\u\{[0-9a-f]{1,6}\})")
"""A character that would hide or act, as the daemon writes it."""

Span = tuple[int, int]
"""Characters of a line, from the first to the one behind the last."""


class Piece(NamedTuple):
    """A part of a line. `hides`: it stands for a character that would not show. `differs`: the other line lacks it."""

    text: str
    hides: bool = False
    differs: bool = False


def pieces(text: str, differing: Iterable[Span] = ()) -> tuple[Piece, ...]:
    """The line in its pieces, in order; together they are the line. `differing`: in order, none within another."""
    spans = list(differing)
    if not spans and "\\u{" not in text:
        return (Piece(text),) if text else ()
    hidden = [match.span() for match in HIDDEN.finditer(text)]
    cuts = sorted({0, len(text), *(end for span in (*spans, *hidden) for end in span)})
    hides, differs = _Among(hidden), _Among(spans)
    return tuple(Piece(text[start:end], hides.has(start), differs.has(start)) for start, end in pairwise(cuts))


class _Among:
    """Whether a position is within one of the spans, for positions in rising order: a line may have thousands."""

    def __init__(self, spans: list[Span]) -> None:
        self._spans = deque(spans)

    def has(self, position: int) -> bool:
        while self._spans and self._spans[0][1] <= position:
            self._spans.popleft()
        return bool(self._spans) and self._spans[0][0] <= position
