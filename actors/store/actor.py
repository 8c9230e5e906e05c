"""The store: owner of both database files and of the native threads that touch them.

Promises: a write is answered when its group is on disk, a read sees the last commit; neither blocks the
loop. A full or read-only disk is an answer (`unavailable`), the end of a thread is a crash: the
supervisor starts a store with fresh threads. Emits nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from actors.store.connection_thread import ConnectionThread
from actors.store.messages import Database, NextWrite, Outcome, Query, Read, ThreadEnded, Unit, Write
from actors.store.reader import reader
from actors.store.reserve import Reserve
from actors.store.writer import Writer
from actors.supervision import Actor, Clock, Exit, Promise, SystemClock

READERS = 2
"""Reading threads a database; with more they would compete for the interpreter."""

FLUSH_SECONDS = 10.0
CRASH_SECONDS = 0.1
"""A commit usually ends sooner; then the successor finds the lock free at its first try."""


@dataclass(frozen=True, slots=True)
class _Files:
    """The threads of one database."""

    writer: Writer
    readers: tuple[ConnectionThread, ...]


class StoreActor(Actor):
    """Passes units to the writing threads and queries to the reading ones."""

    def __init__(self, *, paths: Mapping[Database, Path], clock: Clock | None = None, reserve_bytes: int = 0) -> None:
        super().__init__(clock=clock or SystemClock())
        self._reserve_bytes = reserve_bytes
        self._paths = dict(paths)
        self._files: dict[Database, _Files] = {}
        self._next_writes: dict[Database, Promise[object]] = {}
        self._ending = False

    def on_start(self) -> None:
        """Open and migrate the files. A file that does not open is a failed start."""
        for database, path in self._paths.items():
            self._files[database] = self._open(database, path)
            self._files[database].writer.start()
        for files in self._files.values():
            files.writer.opened.get()
            for one in files.readers:
                one.start()

    def on_stop(self) -> None:
        """Commit every queued unit, then close the files."""
        for promise in self._finish():
            promise.wait(FLUSH_SECONDS)

    def on_crash(self, exit_reason: Exit) -> None:  # noqa: ARG002 — the threads end in one way, whatever the reason
        """Let the threads end; the lock keeps a successor out until they have."""
        for promise in self._finish():
            promise.wait(CRASH_SECONDS)

    def handle(self, message: object) -> Promise[object] | None:
        match message:
            case Write(unit, database):
                return self._write(unit, database)
            case Read(query, database):
                return self._read(query, database)
            case NextWrite(database):
                return self._next_writes.setdefault(database, self.promise())
            case ThreadEnded(thread, reason):
                raise RuntimeError(f"{thread} ended: {reason!r}") from reason
        return None

    def _write(self, unit: Unit, database: Database) -> Promise[object]:
        promise: Promise[object] = self.promise()
        self._files[database].writer.submit(unit, lambda outcome: self._written(database, promise, outcome))
        return promise

    def _written(self, database: Database, promise: Promise[object], outcome: Outcome) -> None:
        _resolve(promise, outcome)
        if outcome.error is None and (waiting := self._next_writes.pop(database, None)) is not None:
            waiting.set(None)

    def _read(self, query: Query, database: Database) -> Promise[object]:
        promise: Promise[object] = self.promise()
        reader = min(self._files[database].readers, key=lambda one: one.waiting)
        reader.submit(query, lambda outcome: _resolve(promise, outcome))
        return promise

    def _open(self, database: Database, path: Path) -> _Files:
        def ended(name: str, reason: BaseException | None) -> None:
            if not self._ending:
                self.tell_self(ThreadEnded(name, reason))

        # The figures of the turns may be refused; what the operator orders may not.
        reserve = Reserve(path.with_name("reserve"), self._reserve_bytes) if database is Database.HIVE else None
        writer = Writer(path, database, lambda reason: ended(f"{database}-writer", reason), reserve)
        readers = tuple(
            reader(f"{database}-reader-{number}", path, lambda reason: ended(f"{database}-reader", reason))
            for number in range(READERS)
        )
        return _Files(writer, readers)

    def _finish(self) -> list[Promise[None]]:
        self._ending = True
        parts: list[ConnectionThread | Writer] = []
        for files in self._files.values():
            parts += [*files.readers, files.writer]
        return [part.finish() for part in parts]


def _resolve(promise: Promise[object], outcome: Outcome) -> None:
    if outcome.error is None:
        promise.set(outcome.value)
    else:
        promise.fail(outcome.error)
