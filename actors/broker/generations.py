"""The SQL of the generations: which mail belongs to the present owner of a name, and what a former one never got.

A generation owns the messages from its first id on, up to the first of the next: ids grow, so no message needs a mark
of its own and nothing is looked up where mail arrives.
"""

import sqlite3
from collections.abc import Callable

from actors.broker.tables import GENERATIONS

Unit = Callable[[sqlite3.Connection], None]

_NONE = 2**63 - 1
FIRST_ID = f"""
    COALESCE((
        SELECT CASE WHEN ended_at IS NULL AND {GENERATIONS.readable} THEN first_message_id ELSE {_NONE} END
        FROM generations WHERE name = ? ORDER BY number DESC LIMIT 1
    ), 0)
"""  # noqa: S608 — our own SQL
"""SQL for the first message of the present owner of a name, the one parameter.

Nothing is the owner's where the last generation of the name has ended or cannot be read: what a former owner was sent
must not be shown because a row is damaged.
"""

NEVER_DELIVERED = """
    id IN (
        SELECT id FROM messages WHERE undelivered = 1
        UNION ALL
        SELECT id FROM messages WHERE acked_at IS NULL AND recipient NOT IN ('operator', 'manager')
            AND recipient NOT IN (SELECT name FROM addressees)
    )
"""
"""SQL condition: the recipient ended before it was done with the message, or was destroyed and may come back."""

_CLOSE = "UPDATE messages SET acked_at = ?, undelivered = 1 WHERE recipient = ? AND acked_at IS NULL"
_CLOSE_DEAD = """
    UPDATE messages SET undelivered = 1
    WHERE recipient = ? AND id IN (SELECT id FROM failed_messages WHERE set_aside_at IS NOT NULL)
"""
_FORGET_FAILED = "DELETE FROM failed_messages WHERE id IN (SELECT id FROM messages WHERE recipient = ?)"
_END = "UPDATE generations SET ended_at = ? WHERE name = ? AND ended_at IS NULL"
_BEGIN = """
    INSERT INTO generations (name, number, first_message_id, began_at)
    VALUES (?1, (SELECT COALESCE(max(number), 0) + 1 FROM generations WHERE name = ?1), ?2, ?3)
"""


def change(name: str, first_message_id: int | None, now_ms: int) -> Unit:
    """`begin` a generation with that message; None: `end` the one there is."""
    return end(name, now_ms) if first_message_id is None else begin(name, first_message_id, now_ms)


def end(name: str, now_ms: int) -> Unit:
    """Close what is unacknowledged in the inbox of the name, and end its generation if one is open."""

    def unit(connection: sqlite3.Connection) -> None:
        _close(connection, name, now_ms)
        if connection.execute(_END, (now_ms, name)).rowcount == 0:
            # Never begun here: it ends all the same, so that its successor is known to be one.
            connection.execute(_BEGIN, (name, 0, now_ms))
            connection.execute(_END, (now_ms, name))

    return unit


def begin(name: str, first_message_id: int, now_ms: int) -> Unit:
    """Close what is left in the inbox of the name, end an open generation, and begin one with that message."""

    def unit(connection: sqlite3.Connection) -> None:
        _close(connection, name, now_ms)
        connection.execute(_END, (now_ms, name))
        connection.execute(_BEGIN, (name, first_message_id, now_ms))

    return unit


def _close(connection: sqlite3.Connection, name: str, now_ms: int) -> None:
    connection.execute(_CLOSE, (now_ms, name))
    connection.execute(_CLOSE_DEAD, (name,))
    connection.execute(_FORGET_FAILED, (name,))


def is_over(name: str) -> Callable[[sqlite3.Connection], bool]:
    """Whether the last owner of the name has ended. A name without any owner yet has none that ended."""

    def query(connection: sqlite3.Connection) -> bool:
        found = connection.execute("SELECT ended_at FROM generations WHERE name = ? ORDER BY number DESC", (name,))
        row = found.fetchone()
        return row is not None and row[0] is not None

    return query
