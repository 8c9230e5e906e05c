"""The interface of the quarantine: one typed function per request. Every one may raise HiveError."""

from collections.abc import Sequence

from actors.quarantine.files import FILES
from actors.quarantine.messages import QUARANTINE, DropRow, GetQuarantine, Look
from actors.store.stored_table import Unreadable
from actors.supervision import Directory
from harness.wire.operator_rows import QuarantineRow

__all__ = ["FILES", "drop", "look", "rows", "shown"]

ASK_SECONDS = 5.0
LOOK_SECONDS = 60.0
WRITE_SECONDS = 60.0


def rows(directory: Directory) -> list[QuarantineRow]:
    """The rows that cannot be read, as of the last look; at most LISTED of each table."""
    found: list[Unreadable] = directory.ask(QUARANTINE, GetQuarantine(), timeout=ASK_SECONDS)
    return shown(found)


def shown(found: Sequence[Unreadable]) -> list[QuarantineRow]:
    """What a list of the operator shows of them."""
    return [QuarantineRow(table=one.table, key=one.key, reason=one.reason, way_out=one.way_out) for one in found]


def look(directory: Directory) -> list[Unreadable]:
    """Look through every table now."""
    found: list[Unreadable] = directory.ask(QUARANTINE, Look(), timeout=LOOK_SECONDS)
    return found


def drop(directory: Directory, table: str, key: str) -> None:
    """Delete a row that cannot be read. `not_found` when there is none; `forbidden` for the log of decisions."""
    directory.ask(QUARANTINE, DropRow(table, key), timeout=WRITE_SECONDS)
