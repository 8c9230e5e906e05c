"""The writing thread of one database.

Owns the lock and the one connection that writes. Promises that all units that wait when a commit ends
go into the next transaction, in the order they came; that a unit is reported done only when its
transaction is on disk; and that a full or read-only disk does not end the thread. A commit that finds the disk full is
refused and releases the reserve, so that the next ones succeed.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actors.put_aside import put_aside
from actors.store import opening
from actors.store.group_commit import commit_group, environment_error, is_damage, lacks_space
from actors.store.messages import Database, Outcome, Unit
from actors.store.native_thread import Inlet, NativeThread, Post
from actors.store.reserve import Reserve
from actors.supervision import Promise

MAX_GROUP = 1_000
IDLE_SECONDS = 1.0
"""After so long without a write the writer makes a checkpoint."""


@dataclass(frozen=True, slots=True)
class _Job:
    unit: Unit
    done: Callable[[Outcome], object]


class Writer:
    """Takes units on the loop and calls back on the loop."""

    def __init__(
        self,
        path: Path,
        database: Database,
        on_end: Callable[[BaseException | None], object],
        reserve: Reserve | None = None,
    ) -> None:
        self.path = path
        self._reserve = reserve or Reserve(path.with_name("no-reserve"), 0)
        self.opened: Promise[list[str]] = Promise()
        """The migration steps taken, or why the database did not open."""
        self._database = database
        self._thread = NativeThread(f"{database}-writer", self._body, on_end)

    def start(self) -> None:
        """Start the thread. Wait for `opened` before `submit`."""
        self._thread.start()

    def submit(self, unit: Unit, done: Callable[[Outcome], object]) -> None:
        """Queue a unit; `done` is called on the loop. Never blocks."""
        self._thread.submit(_Job(unit, done))

    def finish(self) -> Promise[None]:
        """End after the queued units; the promise is kept when the file is closed."""
        self._thread.finish()
        return self._thread.ended

    def _body(self, inlet: Inlet, post: Post) -> None:
        """Runs in the thread."""
        descriptor, connection = -1, None
        try:
            descriptor = opening.lock(self.path)
            self._reserve.release_if_full()
            steps, connection = self._open()
        except Exception as error:
            post(self.opened.fail, environment_error(error) or error)
        else:
            self._reserve.keep()
            post(self.opened.set, steps)
            connection = self._serve(inlet, post, connection)
        finally:
            if connection is not None:
                connection.close()
            if descriptor >= 0:
                os.close(descriptor)

    def _open(self) -> tuple[list[str], sqlite3.Connection]:
        """Migrate and connect. A history that is no database is put aside and begun anew; mail never is."""
        try:
            return opening.migrate(self.path, self._database), opening.connect_writer(self.path, self._database)
        except Exception as error:
            if self._database is not Database.TELEMETRY or not is_damage(error):
                raise
            put_aside(self.path, error, time.time_ns() // 1_000_000)
            for suffix in ("-wal", "-shm"):
                self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
            return opening.migrate(self.path, self._database), opening.connect_writer(self.path, self._database)

    def _serve(self, inlet: Inlet, post: Post, connection: sqlite3.Connection | None) -> sqlite3.Connection | None:
        """Commit groups until the end; the connection that is open then, if any."""
        dirty = False
        while (jobs := inlet.take(MAX_GROUP, IDLE_SECONDS if dirty else None)) is not None:
            if not jobs:
                dirty = False
                _checkpoint(connection)
                self._reserve.keep()
                continue
            outcomes, connection = self._commit(connection, [job.unit for job in jobs])
            if lacks_space(outcomes):
                self._reserve.release()
            post(_report, list(zip(jobs, outcomes, strict=True)))
            dirty = True
        return connection

    def _commit(
        self, connection: sqlite3.Connection | None, units: list[Unit]
    ) -> tuple[list[Outcome], sqlite3.Connection | None]:
        """Commit one group: the outcomes, and the connection, None when it broke. The next group then opens another."""
        try:
            if connection is None:
                connection = opening.connect_writer(self.path, self._database)
            return commit_group(connection, units), connection
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            return [Outcome(error=environment_error(error) or error)] * len(units), None


def _checkpoint(connection: sqlite3.Connection | None) -> None:
    """Move the WAL into the file while no write waits. A full disk only postpones it."""
    if connection is None:
        return
    try:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except sqlite3.Error as error:
        if environment_error(error) is None:
            raise


def _report(done: list[tuple[_Job, Outcome]]) -> None:
    for job, outcome in done:
        job.done(outcome)
