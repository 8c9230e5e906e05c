"""The SQL of the tables `suspensions` and `kept_requests`. Times are ms UTC."""

import sqlite3
from collections.abc import Callable

from actors.store.stored_table import COUNT, ID, NAME, TEXT, TIME, StoredTable, Unreadable
from harness.wire.operator_rows import KeptRequest, SuspensionRow
from harness.wire.times import from_ms

KEPT = 5
"""Requests that are kept of one client, the newest."""

SUSPENSIONS = StoredTable("suspensions", ("name",), {"name": NAME, "at": TIME, "reason": TEXT})
KEPT_REQUESTS = StoredTable(
    "kept_requests",
    ("id",),
    {"id": ID, "name": NAME, "at": TIME, "actor": TEXT, "reason": TEXT, "cmd": TEXT, "request": TEXT, "size": COUNT},
)

Unit = Callable[[sqlite3.Connection], None]
KeptRow = tuple[str, int, str, str, str, str, int]
"""name, at, actor, reason, cmd, request, size"""


def suspensions(connection: sqlite3.Connection) -> list[SuspensionRow]:
    """Every suspension, the oldest first. A row that cannot be read suspends all the same."""
    rows = connection.execute(
        f"SELECT name, at, reason FROM suspensions WHERE {SUSPENSIONS.readable} ORDER BY at, name"  # noqa: S608 — our own SQL
    )
    found = [SuspensionRow(name=name, at=from_ms(at), reason=reason) for name, at, reason in rows]
    return SUSPENSIONS.error_rows(connection, _unreadable) + found


def _unreadable(row: Unreadable) -> SuspensionRow:
    return SuspensionRow(name=row.key, at=from_ms(0), reason=row.sentence)


def suspend(name: str, at_ms: int, reason: str) -> Unit:
    def unit(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO suspensions (name, at, reason) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
            (name, at_ms, reason),
        )

    return unit


def lift(name: str) -> Unit:
    """End a suspension; the requests are kept."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM suspensions WHERE name = ?", (name,))

    return unit


def keep(row: KeptRow) -> Unit:
    """Keep a request, and drop this client's oldest beyond KEPT."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO kept_requests (name, at, actor, reason, cmd, request, size) VALUES (?, ?, ?, ?, ?, ?, ?)", row
        )
        connection.execute(
            "DELETE FROM kept_requests WHERE name = ? AND id NOT IN"
            " (SELECT id FROM kept_requests WHERE name = ? ORDER BY id DESC LIMIT ?)",
            (row[0], row[0], KEPT),
        )

    return unit


def kept_requests(name: str) -> Callable[[sqlite3.Connection], list[KeptRequest]]:
    """The requests of this client over which something crashed, the newest first."""

    def query(connection: sqlite3.Connection) -> list[KeptRequest]:
        rows = connection.execute(
            "SELECT id, at, actor, reason, cmd, request, size FROM kept_requests"  # noqa: S608 — our own SQL
            f" WHERE name = ? AND {KEPT_REQUESTS.readable} ORDER BY id DESC",
            (name,),
        )
        return KEPT_REQUESTS.error_rows(connection, _unreadable_request, "name = ?", (name,)) + [
            KeptRequest(id=id_, at=from_ms(at), actor=actor, reason=reason, cmd=cmd, request=request, size=size)
            for id_, at, actor, reason, cmd, request, size in rows
        ]

    return query


def _unreadable_request(row: Unreadable) -> KeptRequest:
    return KeptRequest(id=row.number, at=from_ms(0), actor="", reason=row.sentence, cmd="", request="", size=0)
