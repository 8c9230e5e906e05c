"""The messages of the quarantine."""

from dataclasses import dataclass

QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class GetQuarantine:
    """→ list of Unreadable, as of the last look."""


@dataclass(frozen=True, slots=True)
class Look:
    """Look through every table. → list of Unreadable, at the end of the look."""


@dataclass(frozen=True, slots=True)
class NextSlice:
    """To itself: go on with the look."""


@dataclass(frozen=True, slots=True)
class DropRow:
    """Delete a row that cannot be read. → None, once it is so; `not_found` when there is no such row."""

    table: str
    key: str
