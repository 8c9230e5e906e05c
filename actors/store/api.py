"""How other components use the store. Every function takes the directory first.

A write is acknowledged when its transaction is on disk (`hive`: fsynced; `telemetry`: passed to the
operating system). When a commit fails, every unit in it fails with `unavailable` and none of it is
stored; the store lives on and tries the next write afresh.
"""

import contextlib
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from actors.store.messages import Database, NextWrite, Read, Write
from actors.supervision import Directory, Promise
from harness.wire.errors import HiveError

T = TypeVar("T")

STORE = "store"
READ_SECONDS = 10.0


def write(
    directory: Directory, unit: Callable[[sqlite3.Connection], T], database: Database | str = Database.HIVE
) -> Promise[T]:
    """Commit `unit` together with others that wait. The promise has what it returned or raised, or `unavailable`."""
    promise: Promise[T] = directory.ask_later(STORE, Write(unit, Database(database)))
    return promise


def wait_for_writes(directory: Directory, database: Database | str = Database.HIVE) -> None:
    """Wait until every earlier write is on disk or refused: a read then sees all that will ever be stored of them.

    For an actor whose predecessor may have ended in the middle of a write.
    """
    with contextlib.suppress(HiveError):  # refused itself; the writes before it are decided too
        directory.ask(STORE, Write(lambda _connection: None, Database(database)), timeout=READ_SECONDS)


def next_write(directory: Directory, database: Database) -> Promise[None]:
    """The promise that is kept as soon as a write after this call is on disk. It fails when the store ends first."""
    return directory.ask_later(STORE, NextWrite(database))


def read_later(
    directory: Directory, query: Callable[[sqlite3.Connection], T], database: Database = Database.HIVE
) -> Promise[T]:
    """The promise of what `query` returns, without waiting."""
    return directory.ask_later(STORE, Read(query, database))


def ping(directory: Directory) -> Promise[object]:
    """The promise that a reading thread has answered, without waiting."""
    return directory.ask_later(STORE, Read(lambda connection: connection.execute("SELECT 1").fetchone()))


def read(directory: Directory, query: Callable[[sqlite3.Connection], T], database: Database | str = Database.HIVE) -> T:
    """What `query` returns on a read-only connection. The calling greenlet waits, the loop goes on."""
    value: T = directory.ask(STORE, Read(query, Database(database)), timeout=READ_SECONDS)
    return value
