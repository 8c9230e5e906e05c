"""The SQL of the tables `suspensions` and `kept_requests`. Times are ms UTC."""

import sqlite3
from collections.abc import Callable

from harness.wire.operator_rows import KeptRequest, SuspensionRow
from harness.wire.times import from_ms

KEPT = 5
"""Requests that are kept of one client, the newest."""

GENERATION = "COALESCE((SELECT max(number) FROM generations WHERE name = ?1), 0)"
"""SQL: which owner of the name ?1 is the present one, or was the last."""

Unit = Callable[[sqlite3.Connection], None]
KeptRow = tuple[str, int, str, str, str, str, int]
"""name, at, actor, reason, cmd, request, size"""


def suspensions(connection: sqlite3.Connection) -> list[SuspensionRow]:
    """Every suspension of a present owner of its name, the oldest first."""
    rows = connection.execute(
        "SELECT name, at, reason FROM suspensions AS one WHERE NOT EXISTS (SELECT 1 FROM generations"
        " WHERE name = one.name AND (number > one.generation OR ended_at IS NOT NULL AND number = one.generation))"
        " ORDER BY at, name"
    )
    return [SuspensionRow(name=name, at=from_ms(at), reason=reason) for name, at, reason in rows]


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
            "SELECT id, at, actor, reason, cmd, request, size FROM kept_requests"  # noqa: S608
            f" WHERE name = ?1 AND generation = {GENERATION} ORDER BY id DESC",
            (name,),
        )
        return [
            KeptRequest(id=id_, at=from_ms(at), actor=actor, reason=reason, cmd=cmd, request=request, size=size)
            for id_, at, actor, reason, cmd, request, size in rows
        ]

    return query
