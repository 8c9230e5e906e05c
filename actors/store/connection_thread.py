"""A native thread with one connection to a database and a queue of work, for the readers and for the search."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from actors.store.messages import Outcome
from actors.store.native_thread import Inlet, NativeThread, Post
from actors.supervision import Promise

Work = Callable[[sqlite3.Connection], Any]


@dataclass(frozen=True, slots=True)
class _Job:
    work: Work
    done: Callable[[Outcome], object]


def outcome_of(connection: sqlite3.Connection, work: Work) -> Outcome:
    """What the work returns or raises. The connection serves the next work whatever happened."""
    try:
        return Outcome(work(connection))
    except Exception as error:
        return Outcome(error=error)


class ConnectionThread:
    """Takes work on the loop and calls back on the loop, in its order. The first work opens the connection.

    `run` carries the work out; when it raises an error of SQLite, a fresh connection serves the next work, and `told`
    says what the caller is told.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], sqlite3.Connection],
        on_end: Callable[[BaseException | None], object],
        run: Callable[[sqlite3.Connection, Work], Outcome] = outcome_of,
        told: Callable[[Exception], Exception] = lambda error: error,
    ) -> None:
        self._connect = connect
        self._run = run
        self._told = told
        self._thread = NativeThread(name, self._body, on_end)
        self.waiting = 0
        """Work that is not done yet."""

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, work: Work, done: Callable[[Outcome], object]) -> None:
        """Queue work; `done` is called on the loop. Never blocks."""
        self.waiting += 1
        self._thread.submit(_Job(work, done))

    def finish(self) -> Promise[None]:
        """End after the queued work; the promise is kept when the connection is closed."""
        self._thread.finish()
        return self._thread.ended

    def _body(self, inlet: Inlet, post: Post) -> None:
        """Runs in the thread."""
        connection: sqlite3.Connection | None = None
        try:
            while (jobs := inlet.take(1)) is not None:
                for job in jobs:
                    try:
                        connection = connection or self._connect()
                        outcome = self._run(connection, job.work)
                    except sqlite3.Error as error:
                        outcome = Outcome(error=self._told(error))
                        _close(connection)
                        connection = None
                    except Exception as error:
                        outcome = Outcome(error=error)
                    post(self._report, (job, outcome))
        finally:
            _close(connection)

    def _report(self, done: tuple[_Job, Outcome]) -> None:
        job, outcome = done
        self.waiting -= 1
        job.done(outcome)


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()
