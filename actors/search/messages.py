"""What the search takes, and what it tells itself."""

from dataclasses import dataclass
from typing import Any

from actors.search.query import SearchQuery
from actors.store.messages import Database, Outcome
from actors.supervision import Promise

SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Find:
    """→ the `Found` of a page of hits below the id `before`, and the cursors of that moment."""

    query: SearchQuery
    limit: int
    before: int | None


@dataclass(frozen=True, slots=True)
class Sweep:
    """Remove what the tables do not have any more."""


@dataclass(frozen=True, slots=True)
class Written:
    """To itself: a database has new rows, or the store that would have said so has ended."""

    database: Database
    result: Promise[None]
    epoch: int


@dataclass(frozen=True, slots=True)
class NextBatch:
    """To itself: index the next rows."""

    epoch: int


@dataclass(frozen=True, slots=True)
class BatchRead:
    """To itself: rows of a source have been read."""

    source: str
    result: Promise[Any]
    epoch: int


@dataclass(frozen=True, slots=True)
class Indexed:
    """To itself: the documents are in the index."""

    source: str
    full: bool
    outcome: Outcome
    epoch: int


@dataclass(frozen=True, slots=True)
class Opened:
    """To itself: the index is open, or does not open."""

    outcome: Outcome
    epoch: int


@dataclass(frozen=True, slots=True)
class Searched:
    """To itself: a search has ended."""

    reply: Promise[Any]
    outcome: Outcome
    epoch: int


@dataclass(frozen=True, slots=True)
class SweepKeys:
    """To itself: the next rows of a source that have documents."""

    source: str
    outcome: Outcome
    epoch: int


@dataclass(frozen=True, slots=True)
class SweepKept:
    """To itself: which of these rows the table still has."""

    source: str
    keys: tuple[int, ...]
    result: Promise[Any]
    epoch: int


@dataclass(frozen=True, slots=True)
class Swept:
    """To itself: the documents of gone rows are removed."""

    source: str
    after: int
    outcome: Outcome
    epoch: int
