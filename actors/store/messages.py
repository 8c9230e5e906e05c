"""What the store takes and what it tells: units to write, queries to read, and the outcome of a unit."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Unit = Callable[[sqlite3.Connection], Any]
"""Work on the writing connection, inside a transaction it must neither begin nor end. Runs in a native
thread: it touches nothing but the connection and values it was given, and it does not wait."""

Query = Callable[[sqlite3.Connection], Any]
"""A question to a read-only connection, inside one snapshot. Runs in a native thread."""


class Database(StrEnum):
    """The files of the store."""

    HIVE = "hive"
    TELEMETRY = "telemetry"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a unit or a query ended: its value, or the error that took its place."""

    value: Any = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """Commit `unit`; the reply comes when it is on disk."""

    unit: Unit
    database: Database = Database.HIVE


@dataclass(frozen=True, slots=True)
class Read:
    """Answer `query` from the last commit."""

    query: Query
    database: Database = Database.HIVE


@dataclass(frozen=True, slots=True)
class ThreadEnded:
    """A native thread of the store ended without being asked to."""

    thread: str
    reason: BaseException | None
