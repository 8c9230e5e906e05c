"""The SQL of the tables `suspensions` and `kept_requests`. Times are ms UTC."""

import sqlite3
from collections.abc import Callable

from actors.store.stored_table import COUNT, ID, NAME, TEXT, TIME, StoredTable, Unreadable
from harness.wire.operator_rows import KeptRequest, SuspensionRow
from harness.wire.times import from_ms

KEPT = 5
"""Requests that are kept of one client, the newest."""

GENERATION = "COALESCE((SELECT max(number) FROM generations WHERE name = ?1), 0)"
"""SQL: which owner of the name ?1 is the present one, or was the last."""

SUSPENSIONS = StoredTable("suspensions", ("name",), {"name": NAME, "at": TIME, "reason": TEXT, "generation": COUNT})
KEPT_REQUESTS = StoredTable(
    "kept_requests",
    ("id",),
    {
        "id": ID,
        "name": NAME,
        "at": TIME,
        "actor": TEXT,
        "reason": TEXT,
        "cmd": TEXT,
        "request": TEXT,
        "size": COUNT,
        "generation": COUNT,
    },
)

_PRESENT = """
    NOT EXISTS (SELECT 1 FROM generations AS owner WHERE owner.name = suspensions.name AND (
        owner.number > suspensions.generation
        OR (owner.number = suspensions.generation AND owner.ended_at IS NOT NULL)
    ))
"""
"""SQL condition: the owner of the name that is suspended has not ended."""

Unit = Callable[[sqlite3.Connection], None]
KeptRow = tuple[str, int, str, str, str, str, int]
"""name, at, actor, reason, cmd, request, size"""


def suspensions(connection: sqlite3.Connection) -> list[SuspensionRow]:
    """Those of present owners of their names, the oldest first. A row that cannot be read suspends all the same."""
    where = f"{SUSPENSIONS.readable} AND {_PRESENT}"
    rows = connection.execute(f"SELECT name, at, reason FROM suspensions WHERE {where} ORDER BY at, name")  # noqa: S608 — our own SQL
    found = [SuspensionRow(name=name, at=from_ms(at), reason=reason) for name, at, reason in rows]
    return SUSPENSIONS.error_rows(connection, _unreadable) + found


def _unreadable(row: Unreadable) -> SuspensionRow:
    return SuspensionRow(name=row.key, at=from_ms(0), reason=row.sentence)


def suspend(name: str, at_ms: int, reason: str) -> Unit:
    def unit(connection: sqlite3.Connection) -> None:
        connection.execute(
            f"INSERT INTO suspensions (name, at, reason, generation) VALUES (?1, ?2, ?3, {GENERATION})"  # noqa: S608
            " ON CONFLICT (name) DO UPDATE SET at = ?2, reason = ?3, generation = excluded.generation"
            " WHERE generation <> excluded.generation",
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
            "INSERT INTO kept_requests (name, at, actor, reason, cmd, request, size, generation)"  # noqa: S608
            f" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, {GENERATION})",
            row,
        )
        connection.execute(
            "DELETE FROM kept_requests WHERE name = ? AND id NOT IN"
            " (SELECT id FROM kept_requests WHERE name = ? ORDER BY id DESC LIMIT ?)",
            (row[0], row[0], KEPT),
        )

    return unit


def kept_requests(name: str) -> Callable[[sqlite3.Connection], list[KeptRequest]]:
    """The requests of the present or last owner of this name over which something crashed, the newest first."""

    def query(connection: sqlite3.Connection) -> list[KeptRequest]:
        rows = connection.execute(
            "SELECT id, at, actor, reason, cmd, request, size FROM kept_requests"  # noqa: S608 — our own SQL
            f" WHERE name = ?1 AND generation = {GENERATION} AND {KEPT_REQUESTS.readable} ORDER BY id DESC",
            (name,),
        )
        return KEPT_REQUESTS.error_rows(connection, _unreadable_request, "name = ?", (name,)) + [
            KeptRequest(id=id_, at=from_ms(at), actor=actor, reason=reason, cmd=cmd, request=request, size=size)
            for id_, at, actor, reason, cmd, request, size in rows
        ]

    return query


def _unreadable_request(row: Unreadable) -> KeptRequest:
    return KeptRequest(id=row.number, at=from_ms(0), actor="", reason=row.sentence, cmd="", request="", size=0)
