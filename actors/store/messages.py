"""What the store takes: units to write and queries to read, and the outcome of one."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Unit = Callable[[sqlite3.Connection], Any]
"""Work on the writing connection, inside a transaction that it neither begins nor ends. Runs in a native
thread: it uses only the connection and values that no other thread changes, and it does not wait."""

Query = Callable[[sqlite3.Connection], Any]
"""A read on a read-only connection, inside one snapshot. Runs in a native thread."""


class Database(StrEnum):
    """The files of the store."""

    HIVE = "hive"
    TELEMETRY = "telemetry"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a unit or a query ended: its value, or its error."""

    value: Any = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """Commit `unit`. → its value, once it is on disk."""

    unit: Unit
    database: Database = Database.HIVE


@dataclass(frozen=True, slots=True)
class Read:
    """Run `query` on the last commit. → its value."""

    query: Query
    database: Database = Database.HIVE


@dataclass(frozen=True, slots=True)
class NextWrite:
    """→ nothing, as soon as the next write to the database is on disk."""

    database: Database


@dataclass(frozen=True, slots=True)
class ThreadEnded:
    """To itself: a native thread of the store ended before it was asked to."""

    thread: str
    reason: BaseException | None
