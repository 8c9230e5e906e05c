"""The quarantine: the rows of every table that cannot be read, and the damaged files that were put aside.

Owns nothing on disk: a row stays where it is, and its owner leaves it out. Looks through the tables when it starts,
when it is asked to, and after it has deleted a row for the operator. Promises: it deletes no row that can be read.
Emits `quarantine` when the list has changed.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from actors.agent.registry import api as agents
from actors.agent.registry.table import AGENTS
from actors.events import emit
from actors.put_aside import put_aside_below
from actors.quarantine import files
from actors.quarantine.messages import DropRow, GetQuarantine, Look
from actors.quarantine.tables import BY_NAME, DATABASE_OF, TABLES
from actors.store import api as store
from actors.store.stored_table import LISTED, Unreadable
from actors.supervision import Actor, Clock, Directory, SupervisionError
from harness.wire.errors import HiveError, forbidden, not_found

log = logging.getLogger(__name__)

WRITE_SECONDS = 30.0
AGAIN_SECONDS = 5.0


class QuarantineActor(Actor):
    """Messages are in `messages.py`. Files are looked for below `folders`."""

    def __init__(self, *, folders: Sequence[Path], directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._folders = folders
        self._directory = directory
        self._rows: list[Unreadable] = []

    def on_start(self) -> None:
        # After the start: nothing waits for a look through large tables.
        self.tell_self(Look())

    def state_word(self) -> str:
        return f"{len(self._rows)} rows" if self._rows else "empty"

    def handle(self, message: object) -> Any:
        match message:
            case GetQuarantine():
                return self._rows
            case Look():
                try:
                    return self._look()
                except (HiveError, SupervisionError):
                    self.tell_after(AGAIN_SECONDS, Look())
                    raise
            case DropRow(table, key):
                self._drop(table, key)
        return None

    def _look(self) -> list[Unreadable]:
        found = [
            row
            for database, tables in TABLES.items()
            for table in tables
            for row in store.read(self._directory, table.unreadable(LISTED), database)
        ]
        found += [files.as_row(path) for path in put_aside_below(*self._folders)]
        for row in found:
            if row not in self._rows:
                log.error("quarantined table=%s key=%s reason=%s", row.table, row.key, row.reason)
        if found != self._rows:
            self._rows = found
            emit(self._directory, "quarantine", {"rows": len(found)})
        return found

    def _drop(self, name: str, key: str) -> None:
        if name == files.FILES:
            files.delete(key, put_aside_below(*self._folders))
            self._look()
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
        self._look()
