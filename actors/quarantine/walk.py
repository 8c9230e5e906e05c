"""A look through every table in slices: none takes long, so that other reads, and questions, come between."""

import sqlite3
from collections.abc import Callable, Iterator

from actors.quarantine.tables import TABLES
from actors.store import api as store
from actors.store.messages import Database
from actors.store.stored_table import LISTED, StoredTable, Unreadable
from actors.supervision import Directory

SLICE_ROWS = 50_000
_FIRST = -(2**63)


def walk(directory: Directory) -> Iterator[list[Unreadable]]:
    """One slice after the other; of each table at most `LISTED` rows are found. Raises what a read raises."""
    for database, tables in TABLES.items():
        for table in tables:
            left = LISTED
            for where, values in _slices(directory, table, database):
                found = store.read(directory, table.unreadable(left, where, values), database) if left else []
                left -= len(found)
                yield found


def _slices(directory: Directory, table: StoredTable, database: Database) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Conditions that cover the table. Tables whose key is no id are small, or have no rows of their own size."""
    after = _FIRST
    while table.key == ("id",) and (end := store.read(directory, _end(table, after), database)) is not None:
        yield "rowid > ? AND rowid <= ?", (after, end)
        after = end
    yield ("rowid > ?", (after,)) if table.key == ("id",) else ("1", ())


def _end(table: StoredTable, after: int) -> Callable[[sqlite3.Connection], int | None]:
    """The rowid at which the slice after that one ends; None for the last."""
    text = f"SELECT rowid FROM {table.name} WHERE rowid > ? ORDER BY rowid LIMIT 1 OFFSET {SLICE_ROWS}"  # noqa: S608 — our own names

    def query(connection: sqlite3.Connection) -> int | None:
        row = connection.execute(text, (after,)).fetchone()
        return None if row is None else int(row[0])

    return query
