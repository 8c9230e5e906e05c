"""The search: keeps the index behind the tables, and answers queries.

Owns `db/search.sqlite`. Promises that a row is found a moment after it is stored, that writes of others never wait for
it, and that a damaged or foreign index is made again from the tables while everything else runs. Emits nothing.
"""

import logging
import sqlite3
from pathlib import Path
from typing import Any

from actors.search import index, pace, sources
from actors.search import messages as m
from actors.search.documents import Document
from actors.search.index import Progress
from actors.search.sources import SOURCES, Batch, Source
from actors.store import api as store
from actors.store.connection_thread import ConnectionThread, Work
from actors.store.group_commit import environment_error, is_damage
from actors.store.messages import Database, Outcome
from actors.supervision import Actor, Clock, Directory, Exit, Promise
from harness.wire.errors import unavailable

log = logging.getLogger(__name__)

SWEEP_SECONDS = 3_600.0
AGAIN_SECONDS = 10.0
SWEPT = 1_000
END_SECONDS = 10.0
CRASH_SECONDS = 0.1


class SearchActor(Actor):
    """Messages are in `messages.py`."""

    def __init__(self, *, path: Path, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._path = path
        self._directory = directory
        self._progress = Progress()
        self._threads: tuple[ConnectionThread, ConnectionThread] | None = None
        self._epoch = 0
        """Grows with every index: what an earlier one still answers is not taken."""
        self._open = False
        self._trouble = ""
        self._behind: list[Source] = []
        self._began = 0.0
        self._stirred: set[Database] = set()
        """Databases with rows that came while a batch was under way."""

    def on_start(self) -> None:
        # After the start: neither a large index nor a damaged one holds the hive up.
        self._begin()
        self.tell_after(SWEEP_SECONDS, m.Sweep())

    def on_stop(self) -> None:
        for promise in self._finish():
            promise.wait(END_SECONDS)

    def on_crash(self, exit_reason: Exit) -> None:  # noqa: ARG002 — the threads end in one way, whatever the reason
        for promise in self._finish():
            promise.wait(CRASH_SECONDS)

    def state_word(self) -> str:
        if self._trouble:
            return self._trouble
        return "indexing" if self._behind or not self._open else "current"

    def handle(self, message: object) -> Any:
        if getattr(message, "epoch", self._epoch) != self._epoch:
            return self._late(message)
        match message:
            case m.Find():
                return self._find(message)
            case m.Searched(reply, outcome):
                self._searched(reply, outcome)
            case m.Opened(outcome):
                self._opened(outcome)
            case m.Written():
                self._written(message)
            case m.NextBatch():
                self._next_batch()
            case m.BatchRead(source, result):
                self._batch_read(sources.BY_NAME[source], result)
            case m.Indexed(source, full, outcome):
                self._indexed(source, outcome, full=full)
            case m.Sweep():
                self._sweep(SOURCES[0], 0)
                self.tell_after(SWEEP_SECONDS, m.Sweep())
            case m.SweepKeys(source, outcome):
                self._sweep_keys(sources.BY_NAME[source], outcome)
            case m.SweepKept(source, keys, result):
                self._sweep_kept(sources.BY_NAME[source], keys, result)
            case m.Swept(source, after, outcome):
                self._swept(sources.BY_NAME[source], after, outcome)
        return None

    # ---- the index ------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._epoch += 1
        self._open = False
        path = self._path
        self._threads = (
            ConnectionThread("search-writer", lambda: index.open_writer(path), _ended),
            ConnectionThread("search-reader", lambda: index.open_reader(path), _ended),
        )
        for one in self._threads:
            one.start()
        epoch = self._epoch
        self._threads[0].submit(index.progress, lambda outcome: self.tell_self(m.Opened(outcome, epoch)))

    def _finish(self) -> list[Promise[None]]:
        threads, self._threads = self._threads, None
        return [one.finish() for one in threads or ()]

    def _rebuild(self, reason: object) -> None:
        """Delete the index and make it again from the tables."""
        log.error("the index is made again reason=%s", reason)
        self._epoch += 1
        for promise in self._finish():
            promise.wait(END_SECONDS)
        index.delete(self._path)
        self._behind, self._stirred, self._progress = [], set(), Progress()
        self._begin()

    def _failed(self, error: Exception) -> None:
        """A full disk is waited for; whatever else SQLite says is the index's own trouble."""
        environment = environment_error(error)
        if isinstance(error, sqlite3.Error) and (environment is None or is_damage(error)):
            self._rebuild(error)
            return
        log.error("the index is not written reason=%s", environment or error)
        self._trouble = "waits for the disk"
        self._open, self._behind = False, []
        self._epoch += 1
        for promise in self._finish():
            promise.wait(END_SECONDS)
        self.tell_after(AGAIN_SECONDS, m.Opened(Outcome(error=error), self._epoch))

    def _opened(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            if self._threads is None:
                self._begin()
            else:
                self._failed(outcome.error)
            return
        self._trouble, self._progress = "", outcome.value
        for source in SOURCES:
            id_, at = self._cursor(source)
            if not store.read(self._directory, sources.is_the_same(source, id_, at), source.database):
                self._rebuild(f"{source.name} is another table than the one that was indexed")
                return
        self._open = True
        for database in Database:
            self._watch(database)
        self._behind = list(SOURCES)
        self.tell_self(m.NextBatch(self._epoch))

    def _work(self, thread: int, work: Work, done: Any) -> None:
        if self._threads is not None:
            self._threads[thread].submit(work, lambda outcome: self.tell_self(done(outcome)))

    # ---- following the tables ---------------------------------------------------------------------

    def _watch(self, database: Database) -> None:
        result = store.next_write(self._directory, database)
        epoch = self._epoch
        result.then(lambda done: self.tell_self(m.Written(database, done, epoch)))

    def _written(self, written: m.Written) -> None:
        if written.result.error is not None:  # the store ended: its successor is asked
            self.tell_after(AGAIN_SECONDS, m.Written(written.database, _kept(), self._epoch))
            return
        if not self._open:
            return
        if self._behind:
            self._stirred.add(written.database)
            return
        self._stir({written.database})
        self.tell_after(pace.GATHER_SECONDS, m.NextBatch(self._epoch))

    def _stir(self, databases: set[Database]) -> None:
        for database in databases:
            self._watch(database)  # before the rows are read: what comes later stirs again
        self._behind = [source for source in SOURCES if source.database in databases]

    def _next_batch(self) -> None:
        if not self._behind or not self._open:
            return
        source = self._behind[0]
        self._began = self.clock.monotonic()
        again = self._progress.unresolved.get(source.name, [])
        result = store.read_later(
            self._directory, sources.read(source, self._cursor(source)[0], again), source.database
        )
        epoch = self._epoch
        result.then(lambda done: self.tell_self(m.BatchRead(source.name, done, epoch)))

    def _batch_read(self, source: Source, result: Promise[Batch]) -> None:
        if result.error is not None:
            log.warning("not indexed source=%s reason=%s", source.name, result.error)
            self.tell_after(AGAIN_SECONDS, m.NextBatch(self._epoch))
            return
        batch, epoch = result.get(), self._epoch
        if batch.last is None and not batch.rows:
            self._done(full=False)
            return

        def work(connection: sqlite3.Connection) -> Progress:
            return index.add(connection, source.name, _documents(source, batch), batch.last)

        self._work(0, work, lambda outcome: m.Indexed(source.name, batch.full, outcome, epoch))

    def _indexed(self, source: str, outcome: Outcome, *, full: bool) -> None:
        if outcome.error is not None:
            log.warning("not indexed source=%s reason=%s", source, outcome.error)
            self._failed(outcome.error)
            return
        self._progress = outcome.value
        self._done(full=full)

    def _done(self, *, full: bool) -> None:
        """Go on with the next batch, after a pause that leaves the machine to others."""
        if not full:
            self._behind = self._behind[1:]
        if not self._behind:
            stirred, self._stirred = self._stirred, set()
            if not stirred:
                return
            self._stir(stirred)
            self.tell_after(pace.GATHER_SECONDS, m.NextBatch(self._epoch))
            return
        took = self.clock.monotonic() - self._began
        self.tell_after(pace.pause(took, others_write=bool(self._stirred)), m.NextBatch(self._epoch))

    def _cursor(self, source: Source) -> tuple[int, int]:
        return self._progress.cursors.get(source.name, (0, 0))

    # ---- queries ----------------------------------------------------------------------------------

    def _find(self, message: m.Find) -> Promise[Any]:
        if not self._open or self._threads is None:
            raise unavailable("the index of the search is being opened", "try again in a moment")
        reply, epoch = self.promise(), self._epoch

        def work(connection: sqlite3.Connection) -> index.Found:
            return index.find(connection, message.query, message.limit, message.before)

        self._work(1, work, lambda outcome: m.Searched(reply, outcome, epoch))
        return reply

    def _searched(self, reply: Promise[Any], outcome: Outcome) -> None:
        error = outcome.error
        if error is None:
            cursors = {source.name: self._cursor(source)[0] for source in SOURCES}
            reply.set((outcome.value, cursors))
        elif is_damage(error):
            reply.fail(unavailable("the index of the search is damaged and is made again", "try again in a moment"))
            self._failed(error)
        elif isinstance(error, sqlite3.Error):
            log.error("not searched reason=%s", error)
            reply.fail(environment_error(error) or unavailable(f"the search failed: {error}", "search for less"))
        else:
            reply.fail(error)

    def _late(self, message: object) -> None:
        """An answer of an index that is no more."""
        if isinstance(message, m.Searched):
            message.reply.fail(unavailable("the index of the search is made again", "try again in a moment"))

    # ---- what is gone from the tables -------------------------------------------------------------

    def _sweep(self, source: Source, after: int) -> None:
        epoch = self._epoch
        self._work(
            1,
            lambda connection: index.keys(connection, source.name, after, SWEPT),
            lambda outcome: m.SweepKeys(source.name, outcome, epoch),
        )

    def _sweep_keys(self, source: Source, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._failed(outcome.error)
            return
        keys, epoch = tuple(outcome.value), self._epoch
        if not keys:
            following = SOURCES[SOURCES.index(source) + 1 :]
            if following:
                self._sweep(following[0], 0)
            return
        result = store.read_later(self._directory, sources.kept(source, keys), source.database)
        result.then(lambda done: self.tell_self(m.SweepKept(source.name, keys, done, epoch)))

    def _sweep_kept(self, source: Source, keys: tuple[int, ...], result: Promise[set[int]]) -> None:
        if result.error is not None:
            log.warning("not swept source=%s reason=%s", source.name, result.error)
            return
        gone, epoch = set(keys) - result.get(), self._epoch
        self._work(
            0,
            lambda connection: index.remove(connection, source.name, gone),
            lambda outcome: m.Swept(source.name, keys[-1], outcome, epoch),
        )

    def _swept(self, source: Source, after: int, outcome: Outcome) -> None:
        if outcome.error is not None:
            self._failed(outcome.error)
        else:
            self._sweep(source, after)


def _documents(source: Source, batch: Batch) -> list[Document]:
    found: list[Document] = []
    for row in batch.rows:
        try:
            found += source.documents(row)
        except (ValueError, TypeError, RecursionError) as error:
            log.warning("row not indexed source=%s id=%s reason=%s", source.name, row[0], error)
    return found


def _kept() -> Promise[None]:
    promise: Promise[None] = Promise()
    promise.set(None)
    return promise


def _ended(reason: BaseException | None) -> None:
    if reason is not None:
        log.error("a thread of the index ended reason=%r", reason)
