"""The files of a review as a page shows them: numbered lines, marked words, unified or side by side. Pure.

`lines` gives the lines of a file their numbers, `words` marks what differs within a changed line, `layout` puts two
lines beside each other, `pieces` cuts a line where a mark begins or ends, `summary` has sums and names.
"""

from web.presentation.diff.layout import LAYOUTS, Layout, Row, side_by_side
from web.presentation.diff.lines import Line, numbered, part_lines
from web.presentation.diff.pieces import Piece, pieces
from web.presentation.diff.summary import added, brief, path, removed
from web.presentation.diff.words import Budget

__all__ = [
    "LAYOUTS",
    "Budget",
    "Layout",
    "Line",
    "Piece",
    "Row",
    "added",
    "brief",
    "numbered",
    "part_lines",
    "path",
    "pieces",
    "removed",
    "side_by_side",
]
