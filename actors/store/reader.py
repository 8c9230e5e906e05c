"""One reading thread of a database, with its own read-only connection and its own queue.

Promises that a query sees one commit and no other, and that a failed read is an error, never an empty answer.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actors.store import opening
from actors.store.group_commit import environment_error
from actors.store.messages import Outcome, Query
from actors.store.native_thread import Inlet, NativeThread, Post
from actors.supervision import Promise


@dataclass(frozen=True, slots=True)
class _Job:
    query: Query
    done: Callable[[Outcome], object]


class Reader:
    """Takes queries on the loop and calls back on the loop."""

    def __init__(self, name: str, path: Path, on_end: Callable[[BaseException | None], object]) -> None:
        self._path = path
        self._thread = NativeThread(name, self._body, on_end)
        self.waiting = 0
        """Queries that are not answered yet."""

    def start(self) -> None:
        """Start the thread. The first query opens the connection."""
        self._thread.start()

    def submit(self, query: Query, done: Callable[[Outcome], object]) -> None:
        """Queue a query; `done` is called on the loop. Never blocks."""
        self.waiting += 1
        self._thread.submit(_Job(query, done))

    def finish(self) -> Promise[None]:
        """End after the queued queries; the promise is kept when the connection is closed."""
        self._thread.finish()
        return self._thread.ended

    def _body(self, inlet: Inlet, post: Post) -> None:
        """Runs in the thread."""
        connection: sqlite3.Connection | None = None
        try:
            while (jobs := inlet.take(1)) is not None:
                for job in jobs:
                    try:
                        connection = connection or opening.connect_reader(self._path)
                        outcome = _answer(connection, job.query)
                    except sqlite3.Error as error:
                        # The connection gives no snapshot: a fresh one serves the next query.
                        outcome = Outcome(error=environment_error(error) or error)
                        _close(connection)
                        connection = None
                    post(self._report, (job, outcome))
        finally:
            _close(connection)

    def _report(self, done: tuple[_Job, Outcome]) -> None:
        job, outcome = done
        self.waiting -= 1
        job.done(outcome)


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
        return Outcome(error=environment_error(error) or error)
    finally:
        connection.execute("ROLLBACK")


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()
