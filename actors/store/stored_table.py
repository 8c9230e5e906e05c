"""What each column of a table may hold, and the rows that hold something else: those are quarantined.

A row gets such a value from a newer version of the hive, from an older one that checked less, or from a damaged disk.
It stays where it is: its owner leaves it out of everything (`readable`), the lists show it as an error row, and the
operator deletes it or starts the version that knows it. Pure; the conditions are SQL, so that no row is read twice.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from harness.wire.names import MAX_NAME_LENGTH
from harness.wire.times import LATEST_MS

LARGEST: Final = 2**53 - 1
"""The largest integer that every reader of JSON keeps."""
SHOWN: Final = 80
LISTED: Final = 100
"""Quarantined rows that one list of a table shows."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Domain:
    """The values of a column: in words, and as a condition on `{c}` that may be NULL where it does not hold."""

    what: str
    condition: str

    def holds(self, column: str) -> str:
        """SQL that is 1 or 0."""
        return f"COALESCE(({self.condition.format(c=column)}), 0)"


TEXT: Final = Domain("text", "typeof({c}) = 'text'")
INTEGER: Final = Domain("an integer", "typeof({c}) = 'integer'")
COUNT: Final = Domain("a count", f"typeof({{c}}) = 'integer' AND {{c}} BETWEEN 0 AND {LARGEST}")
ID: Final = Domain("an id", COUNT.condition)
TIME: Final = Domain("a time", f"typeof({{c}}) = 'integer' AND {{c}} BETWEEN 0 AND {LATEST_MS}")
FLAG: Final = Domain("0 or 1", "typeof({c}) = 'integer' AND {c} IN (0, 1)")
NUMBER: Final = Domain("a number", "typeof({c}) IN ('real', 'integer') AND {c} BETWEEN -1e300 AND 1e300")
NAME: Final = Domain(
    "a name",
    f"typeof({{c}}) = 'text' AND length(CAST({{c}} AS BLOB)) BETWEEN 1 AND {MAX_NAME_LENGTH}"
    " AND {c} GLOB '[a-z]*' AND {c} NOT GLOB '*[^a-z0-9-]*' AND {c} NOT GLOB '*-'"
    " AND instr(CAST({c} AS BLOB), x'00') = 0",
)
JSON: Final = Domain("JSON", "typeof({c}) = 'text' AND json_valid({c})")
TEXTS: Final = Domain(
    "a JSON list of texts",
    "CASE WHEN typeof({c}) = 'text' AND json_valid({c}) THEN json_type({c}) = 'array'"
    " AND NOT EXISTS (SELECT 1 FROM json_each({c}) WHERE type <> 'text') ELSE 0 END",
)


def one_of(values: Iterable[str]) -> Domain:
    """One of these texts."""
    known = tuple(values)
    listed = ", ".join(f"'{one}'" for one in known)
    return Domain(f"one of {', '.join(known)}", f"typeof({{c}}) = 'text' AND {{c}} IN ({listed})")


def optional(domain: Domain) -> Domain:
    """NULL, or a value of the domain."""
    return Domain(f"{domain.what} or nothing", f"{{c}} IS NULL OR ({domain.condition})")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that is quarantined. `key` names it in its table, as text; `reason` is a sentence without a point."""

    table: str
    key: str
    reason: str
    way_out: str

    @property
    def number(self) -> int:
        """The key as the id of a row; 0 where it is none."""
        return int(self.key) if self.key.isdecimal() and len(self.key) < 19 else 0

    @property
    def sentence(self) -> str:
        """What a list shows in place of the row: why, and the way out."""
        return f"this row cannot be read: {self.reason}; {self.way_out}"


@dataclass(frozen=True, slots=True)
class StoredTable:
    """One table of a database: its key, every column with its domain."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Domain]
    never_deleted: str | None = None
    """Why no row of the table is deleted, not even by the operator."""

    @property
    def readable(self) -> str:
        """SQL condition: every column holds what it may."""
        return self.readable_as(self.name)

    def readable_as(self, alias: str) -> str:
        """The same in a query that gives the table another name."""
        return "(" + " AND ".join(one.holds(f"{alias}.{column}") for column, one in self.columns.items()) + ")"

    def holding(self, *columns: str) -> str:
        """SQL condition: these columns hold what they may. For a query that takes no others and must be quick."""
        return "(" + " AND ".join(self.columns[one].holds(f"{self.name}.{one}") for one in columns) + ")"

    def unreadable(
        self, limit: int, where: str = "1", values: tuple[object, ...] = ()
    ) -> Callable[[sqlite3.Connection], list[Unreadable]]:
        """The first rows that are quarantined, each with the columns at fault; `where` is a further condition."""
        literals = [f"substr(quote({column}), 1, {SHOWN + 1})" for column in self.columns]
        holds = [one.holds(f"{self.name}.{column}") for column, one in self.columns.items()]
        selected = ", ".join([self._key(), *literals, *holds])
        text = f"SELECT {selected} FROM {self.name} WHERE {where} AND NOT {self.readable} LIMIT ?"  # noqa: S608 — our own names

        def query(connection: sqlite3.Connection) -> list[Unreadable]:
            return [self._row(row) for row in connection.execute(text, (*values, limit))]

        return query

    def error_rows(
        self,
        connection: sqlite3.Connection,
        error_row: Callable[[Unreadable], R],
        where: str = "1",
        values: tuple[object, ...] = (),
    ) -> list[R]:
        """The quarantined rows as a list of the operator shows them; `where` is a further condition."""
        return [error_row(one) for one in self.unreadable(LISTED, where, values)(connection)]

    def delete(self, key: str) -> Callable[[sqlite3.Connection], int]:
        """Delete the quarantined row with that key; how many there were. A row that can be read is never deleted."""
        text = f"DELETE FROM {self.name} WHERE {self._key()} = ? AND NOT {self.readable}"  # noqa: S608 — our own names
        return lambda connection: connection.execute(text, (key,)).rowcount

    def _key(self) -> str:
        """SQL for the key as text: as it is where it is plain, else as a literal of SQL."""
        parts = [
            f"CASE WHEN {TEXT.holds(one)} AND {one} <> '' AND {one} NOT GLOB '*[^a-zA-Z0-9*#_.:-]*'"
            f" THEN {one} ELSE quote({one}) END"
            for one in self.key
        ]
        return "(" + " || '/' || ".join(parts) + ")"

    def _row(self, row: tuple[str | int, ...]) -> Unreadable:
        key, *rest = row
        literals, holds = rest[: len(self.columns)], rest[len(self.columns) :]
        wrong = [
            f"{column} is {_cut(str(literal))}, not {one.what}"
            for (column, one), literal, fine in zip(self.columns.items(), literals, holds, strict=True)
            if not fine
        ]
        way_out = self.never_deleted or f"`hive quarantine drop {self.name} {key}` deletes it"
        return Unreadable(self.name, str(key), "; ".join(wrong), way_out)


def _cut(literal: str) -> str:
    return literal if len(literal) <= SHOWN else literal[:SHOWN] + "…"
