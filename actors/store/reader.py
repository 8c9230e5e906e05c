"""One reading thread of a database, with its own read-only connection and its own queue.

Promises that a query sees one commit and no other, and that a failed read is an error, never an empty answer.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from actors.store import opening
from actors.store.connection_thread import ConnectionThread
from actors.store.group_commit import environment_error
from actors.store.messages import Outcome, Query


def reader(name: str, path: Path, on_end: Callable[[BaseException | None], object]) -> ConnectionThread:
    """A thread that answers queries of the file; a connection that gives no snapshot is replaced."""
    return ConnectionThread(name, lambda: opening.connect_reader(path), on_end, _answer, _told)


def _answer(connection: sqlite3.Connection, query: Query) -> Outcome:
    connection.execute("BEGIN")
    try:
        try:
            return Outcome(query(connection))
        except sqlite3.OperationalError as error:
            if not opening.reads_any_text(connection, error):
                raise
            return Outcome(query(connection))
    except Exception as error:
        return Outcome(error=_told(error))
    finally:
        connection.execute("ROLLBACK")


def _told(error: Exception) -> Exception:
    return environment_error(error) or error
