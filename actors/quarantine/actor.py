"""The quarantine: the rows of every table that cannot be read, and the damaged files that were put aside.

Owns nothing on disk: a row stays where it is, and its owner leaves it out. Looks through the tables when it starts,
when it is asked to, and when its list is asked for and the last look is older than `FRESH_SECONDS`. Promises: it
deletes no row that can be read.
Emits `quarantine` when the list has changed.
"""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from actors.agent.registry import api as agents
from actors.agent.registry.table import AGENTS
from actors.events import emit
from actors.put_aside import put_aside_below
from actors.quarantine import files
from actors.quarantine.messages import DropRow, GetQuarantine, Look, NextSlice
from actors.quarantine.tables import BY_NAME, DATABASE_OF
from actors.quarantine.walk import walk
from actors.store import api as store
from actors.store.stored_table import Unreadable
from actors.supervision import Actor, Clock, Directory, Promise, SupervisionError
from harness.wire.errors import HiveError, forbidden, not_found

log = logging.getLogger(__name__)

WRITE_SECONDS = 30.0
AGAIN_SECONDS = 60.0
FRESH_SECONDS = 60.0
"""A row can be damaged while the daemon runs. The page, which asks for the list whenever it is drawn, shows it then."""


class QuarantineActor(Actor):
    """Messages are in `messages.py`. Files are looked for below `folders`."""

    def __init__(self, *, folders: Sequence[Path], directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._folders = folders
        self._directory = directory
        self._rows: list[Unreadable] = []
        self._slices: Iterator[list[Unreadable]] | None = None
        """The look under way, and what it has found so far."""
        self._found: list[Unreadable] = []
        self._looked_at: float | None = None
        """When the last look began, in seconds of running time."""
        self._looked: Promise[list[Unreadable]] = self.promise()

    def on_start(self) -> None:
        # After the start: nothing waits for a look through large tables.
        self.tell_self(Look())

    def state_word(self) -> str:
        return f"{len(self._rows)} rows" if self._rows else "empty"

    def handle(self, message: object) -> Any:
        match message:
            case GetQuarantine():
                if self._looked_at is not None and self.clock.monotonic() - self._looked_at >= FRESH_SECONDS:
                    self._look()
                return self._rows
            case Look():
                return self._look()
            case NextSlice():
                self._next_slice()
            case DropRow(table, key):
                self._drop(table, key)
        return None

    def _look(self) -> Promise[list[Unreadable]]:
        """The promise of the end of a look; one is under way at a time."""
        if self._slices is None:
            self._slices, self._found = walk(self._directory), []
            self._looked, self._looked_at = self.promise(), self.clock.monotonic()
            self.tell_self(NextSlice())
        return self._looked

    def _next_slice(self) -> None:
        if self._slices is None:
            return
        try:
            found = next(self._slices, None)
        except (HiveError, SupervisionError) as error:
            log.warning("not looked through reason=%s", error)
            self._slices = None
            self._looked.fail(error)
            self.tell_after(AGAIN_SECONDS, Look())
            return
        if found is not None:
            self._found += found
            self.tell_self(NextSlice())
            return
        self._slices = None
        self._show([*self._found, *(files.as_row(path) for path in put_aside_below(*self._folders))])
        self._looked.set(self._rows)

    def _show(self, rows: list[Unreadable]) -> None:
        for row in rows:
            if row not in self._rows:
                log.error("quarantined table=%s key=%s reason=%s", row.table, row.key, row.reason)
        if rows != self._rows:
            self._rows = rows
            emit(self._directory, "quarantine", {"rows": len(rows)})

    def _drop(self, name: str, key: str) -> None:
        if name == files.FILES:
            files.delete(key, put_aside_below(*self._folders))
            self._forget(name, key)
            return
        table = BY_NAME.get(name)
        if table is None:
            raise not_found(f"table {name!r}", "`hive quarantine` lists the rows")
        if table.never_deleted is not None:
            raise forbidden(f"no row of {name} is deleted", table.never_deleted)
        deleted = store.write(self._directory, table.delete(key), DATABASE_OF[name]).get(timeout=WRITE_SECONDS)
        if not deleted:
            raise not_found(f"unreadable row {key!r} in {name}", "`hive quarantine` lists them")
        log.warning("deleted by the operator table=%s key=%s", name, key)
        if table is AGENTS:
            agents.look_again(self._directory)
        self._forget(name, key)

    def _forget(self, table: str, key: str) -> None:
        self._show([row for row in self._rows if (row.table, row.key) != (table, key)])
