"""How other actors use the store. Every function takes the directory first.

A write is acknowledged when its transaction is on disk (`hive`: fsynced; `telemetry`: handed to the
operating system). When a commit fails, everything in it fails with `unavailable` and nothing of it
is stored; the store lives on and the next write is tried afresh.
"""

import contextlib
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from actors.store.messages import Database, Read, Write
from actors.supervision import Directory, Promise
from harness.wire.errors import HiveError

T = TypeVar("T")

STORE = "store"
READ_SECONDS = 10.0


def write(
    directory: Directory, unit: Callable[[sqlite3.Connection], T], database: Database | str = Database.HIVE
) -> Promise[T]:
    """Commit `unit` with whatever else waits. The promise holds what it returned, what it raised, or `unavailable`."""
    promise: Promise[T] = directory.ask_later(STORE, Write(unit, Database(database)))
    return promise


def decided(directory: Directory, database: Database | str = Database.HIVE) -> None:
    """Wait until every unit handed in before is on disk or refused: a read then sees all there will be of them.

    For an actor that takes over from one which ended in the middle of a write.
    """
    with contextlib.suppress(HiveError):  # refused itself: those before it are decided all the same
        directory.ask(STORE, Write(lambda _connection: None, Database(database)), timeout=READ_SECONDS)


def read(directory: Directory, query: Callable[[sqlite3.Connection], T], database: Database | str = Database.HIVE) -> T:
    """What `query` returns on a read-only connection; the calling greenlet waits, the loop does not."""
    value: T = directory.ask(STORE, Read(query, Database(database)), timeout=READ_SECONDS)
    return value
