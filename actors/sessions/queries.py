"""The SQL of the tables `sessions` and `site_name`. Times are ms UTC."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from actors.store.stored_table import ID, TEXT, TIME, Domain, StoredTable

Unit = Callable[[sqlite3.Connection], None]


SESSIONS = StoredTable(
    "sessions",
    ("id",),
    {
        "id": ID, "digest": TEXT, "opened_at": TIME, "seen_at": TIME, "ends_at": TIME, "address": TEXT,
        "user_agent": TEXT,
    },
)  # fmt: skip
HOST_NAME = Domain(
    "a host name", "typeof({c}) = 'text' AND {c} GLOB 'hive-*.localhost' AND {c} NOT GLOB '*[^a-z0-9.-]*'"
)
SITE_NAME = StoredTable("site_name", ("name",), {"name": HOST_NAME})


@dataclass(frozen=True, slots=True)
class Session:
    """One row: a browser in which the operator is logged in."""

    id: int
    digest: str
    opened_ms: int
    seen_ms: int
    ends_ms: int
    address: str
    user_agent: str


def all_sessions(connection: sqlite3.Connection) -> list[Session]:
    """Every session whose row can be read, in the order of the logins: no other is valid."""
    rows = connection.execute(
        "SELECT id, digest, opened_at, seen_at, ends_at, address, user_agent FROM sessions"  # noqa: S608 — our own SQL
        f" WHERE {SESSIONS.readable} ORDER BY id"
    )
    return [Session(*row) for row in rows]


def insert(digest: str, now_ms: int, ends_ms: int, address: str, user_agent: str) -> Callable[..., int]:
    """Store a new session; returns its number, which is never used again."""

    def unit(connection: sqlite3.Connection) -> int:
        cursor = connection.execute(
            "INSERT INTO sessions (digest, opened_at, seen_at, ends_at, address, user_agent) VALUES (?, ?, ?, ?, ?, ?)",
            (digest, now_ms, now_ms, ends_ms, address, user_agent),
        )
        return int(cursor.lastrowid or 0)

    return unit


def set_seen(session_id: int, now_ms: int) -> Unit:
    def unit(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE sessions SET seen_at = ? WHERE id = ?", (now_ms, session_id))

    return unit


def delete(ids: Iterable[int]) -> Unit:
    """End sessions: the row is the session."""
    rows = [(session_id,) for session_id in ids]

    def unit(connection: sqlite3.Connection) -> None:
        connection.executemany("DELETE FROM sessions WHERE id = ?", rows)

    return unit


def site_name(connection: sqlite3.Connection) -> str | None:
    """The host name of the dashboard, or None before its first start."""
    text = f"SELECT name FROM site_name WHERE {SITE_NAME.readable}"  # noqa: S608 — our own SQL
    row = connection.execute(text).fetchone()
    return None if row is None else str(row[0])


def start_afresh(name: str) -> Unit:
    """End every session and give the dashboard another name, in one transaction."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM sessions")
        connection.execute("DELETE FROM site_name")
        connection.execute("INSERT INTO site_name (name) VALUES (?)", (name,))

    return unit
