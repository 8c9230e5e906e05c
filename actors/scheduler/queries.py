"""The SQL of the reminders: columns by name, so that a row of any age shows."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from actors.deadlines import COLUMNS as DEADLINE
from actors.deadlines import Deadline, read
from actors.store.readable import readable
from actors.store.stored_table import COUNT, ID, INTEGER, TEXT, TIME, StoredTable, Unreadable, optional
from harness.wire import times
from harness.wire.agent_api import Reminder
from harness.wire.boundary import causes
from harness.wire.errors import conflict

Rows = Callable[[sqlite3.Connection], list[Reminder]]
Unit = Callable[[sqlite3.Connection], None]

_COLUMNS = ("id", "agent", "message", "file_path", "due_at", "created_at", "sent_at", "attempts", "last_error", "cause")
REMINDERS = StoredTable(
    "reminders",
    ("id",),
    {
        "id": ID, "agent": TEXT, "message": TEXT, "file_path": optional(TEXT), "due_at": INTEGER, "created_at": TIME,
        "sent_at": optional(TIME), "attempts": COUNT, "last_error": optional(TEXT),
        "duration_ms": optional(COUNT), "running_ms": optional(COUNT), "boot": optional(TEXT), "cause": optional(TEXT),
    },
)  # fmt: skip
"""An earlier version took a due moment that no calendar has; it shows as such."""
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM reminders "  # noqa: S608 — names of columns, not words of a client
_HIGHEST = f"SELECT COALESCE(MAX(id), 0) FROM reminders WHERE {ID.holds('id')}"  # noqa: S608 — as above
_TIMES = ("due_at", "created_at", "sent_at")
MAX_PENDING_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Pending:
    """A pending reminder in the scheduler's memory."""

    id: int
    agent: str
    deadline: Deadline


def insert(pending: Pending, text: str, now_ms: int, cause: str | None = None) -> Unit:
    """Store a new reminder."""
    values = (pending.id, pending.agent, text, pending.deadline.at_ms, now_ms, *pending.deadline.columns, cause)

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO reminders (id, agent, message, due_at, created_at, duration_ms, running_ms, boot, cause) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )

    return unit


def move(deadlines: Sequence[tuple[int, Deadline]]) -> Unit:
    """Store where these reminders' deadlines, by id, are now."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.executemany(
            "UPDATE reminders SET due_at = ?, duration_ms = ?, running_ms = ?, boot = ? WHERE id = ?",
            [(deadline.at_ms, *deadline.columns, one) for one, deadline in deadlines],
        )

    return unit


def mark_sent(ids: Sequence[int], now_ms: int) -> Unit:
    """Mark reminders as sent, in the transaction that stores their mail. Raises `conflict` when one was sent before.

    The last commit of a killed scheduler may come after its successor has read what is due.
    """

    def unit(connection: sqlite3.Connection) -> None:
        marked = connection.executemany(
            "UPDATE reminders SET sent_at = ?, attempts = attempts + 1, last_error = NULL "
            "WHERE id = ? AND sent_at IS NULL",
            [(now_ms, one) for one in ids],
        )
        if marked.rowcount != len(ids):
            raise conflict("some of these reminders have been sent already")

    return unit


def mark_failed(reminder_id: int, error: str, deadline: Deadline) -> Unit:
    """Note a failed attempt; the next is at `deadline`."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE reminders SET attempts = attempts + 1, last_error = ? WHERE id = ?", (error, reminder_id)
        )
        move([(reminder_id, deadline)])(connection)

    return unit


def delete(ids: Sequence[int]) -> Unit:
    """Delete cancelled reminders."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.executemany("DELETE FROM reminders WHERE id = ?", [(one,) for one in ids])

    return unit


def last_id(connection: sqlite3.Connection) -> int:
    """The highest id in use."""
    (highest,) = connection.execute(_HIGHEST).fetchone()
    return int(highest)


def due(max_attempts: int) -> Callable[[sqlite3.Connection], list[Pending]]:
    """Every pending reminder that has attempts left, first due first."""
    wanted = (
        f"SELECT id, agent, due_at, {', '.join(DEADLINE)} FROM reminders "  # noqa: S608 — names of columns
        f"WHERE sent_at IS NULL AND attempts < ? AND {REMINDERS.readable} ORDER BY due_at, id"
    )
    return lambda connection: [
        Pending(row[0], row[1], read(row[2], row[3:])) for row in connection.execute(wanted, (max_attempts,))
    ]


def these(ids: Sequence[int]) -> Rows:
    """The reminders with these ids, first due first."""
    where = f"id IN ({', '.join('?' * len(ids))}) ORDER BY due_at, id"
    return lambda connection: _rows(connection, where, tuple(ids))


def of(agent: str) -> Rows:
    """The pending reminders of one agent, first due first."""
    return lambda connection: _rows(connection, "agent = ? AND sent_at IS NULL ORDER BY due_at, id", (agent,))


def pending(connection: sqlite3.Connection) -> list[Reminder]:
    """Every pending reminder, first due first, after those that cannot be read."""
    unreadable = REMINDERS.error_rows(connection, _unreadable)
    return unreadable + _rows(connection, "sent_at IS NULL ORDER BY due_at, id LIMIT ?", (MAX_PENDING_SHOWN,))


def delivered_since(since_ms: int) -> Callable[[sqlite3.Connection], dict[str, tuple[int, int]]]:
    """Agent → (reminders delivered, attempts they took) since then."""

    def query(connection: sqlite3.Connection) -> dict[str, tuple[int, int]]:
        rows = connection.execute(
            "SELECT agent, COUNT(*), SUM(attempts) FROM reminders WHERE sent_at >= ?"  # noqa: S608 — as above
            f" AND {REMINDERS.readable} GROUP BY agent",
            (since_ms,),
        )
        return {agent: (int(delivered), int(attempts)) for agent, delivered, attempts in rows}

    return query


def _rows(connection: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> list[Reminder]:
    found = connection.execute(f"{_SELECT} WHERE {REMINDERS.readable} AND {where}", values)
    rows = (dict(zip(_COLUMNS, row, strict=True)) for row in found)
    return readable(rows, _reminder, _error_row)


def _reminder(row: dict[str, Any]) -> Reminder:
    """A due moment that no calendar has, of an earlier version, shows as the latest there is."""
    moments = {key: None if row[key] is None else times.from_ms(row[key]) for key in _TIMES}
    error = row["last_error"]
    if not 0 <= row["due_at"] <= times.LATEST_MS:
        error = f"it is due outside the years 1970 to 9999 ({row['due_at']} ms) and never comes: cancel it"
    return Reminder.model_validate(row | moments | {"last_error": error, "cause": causes.known(row["cause"])})


def _error_row(row: dict[str, Any], reason: str) -> Reminder:
    never = times.from_ms(times.LATEST_MS)
    return Reminder(
        id=row["id"], agent=str(row["agent"]), message="", due_at=never, created_at=never, last_error=reason
    )


def _unreadable(row: Unreadable) -> Reminder:
    never = times.from_ms(times.LATEST_MS)
    return Reminder(id=row.number, agent="", message="", due_at=never, created_at=never, last_error=row.sentence)
