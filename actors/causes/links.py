"""What the tables say of causes: what came of a row, and what it came of. Runs in the store's reading threads."""

import sqlite3
from collections.abc import Mapping, Sequence

from actors.broker.turns import table as turns
from harness.wire.boundary import causes
from harness.wire.boundary.causes import CauseKind, CauseName
from harness.wire.names import OPERATOR

TABLES = {
    CauseKind.MESSAGE: "messages",
    CauseKind.QUESTION: "questions",
    CauseKind.REMINDER: "reminders",
    CauseKind.APPROVAL: "approvals",
}
MAX_NEXT = 1_000
"""Consequences of one row that are looked at: a broadcast to a thousand agents has so many."""

_CAUSED = " UNION ALL ".join(
    f"SELECT '{kind.value}', id FROM {name} WHERE cause = ?1"  # noqa: S608 — our own names
    for kind, name in TABLES.items()
)
_ANSWERED = f"""
    SELECT id FROM messages WHERE in_reply_to = ?1 AND sender = '{OPERATOR}'
        AND thread = (SELECT COALESCE(thread, id) FROM messages WHERE id = ?1) LIMIT ?2
"""  # noqa: S608 — as above
_CAUSE = {kind: f"SELECT cause FROM {name} WHERE id = ?" for kind, name in TABLES.items()}  # noqa: S608 — as above
_REPLIES_TO = f"SELECT in_reply_to FROM messages WHERE id = ? AND sender = '{OPERATOR}'"  # noqa: S608 — as above


def effects(connection: sqlite3.Connection, names: Sequence[CauseName]) -> dict[CauseName, list[CauseName]]:
    """What came of each: the turns on a message first, then what was made because of it, by table and id."""
    return {name: _effects(connection, name) for name in names}


def _effects(connection: sqlite3.Connection, name: CauseName) -> list[CauseName]:
    rows = connection.execute(f"{_CAUSED} LIMIT {MAX_NEXT}", (str(name),)).fetchall()
    found = [CauseName(CauseKind(kind), id_) for kind, id_ in rows]
    if name.kind is CauseKind.MESSAGE:
        given = [CauseName(CauseKind.TURN, number, agent) for agent, number in turns.given_to(connection, name.number)]
        answered = connection.execute(_ANSWERED, (name.number, MAX_NEXT)).fetchall()
        return given[:MAX_NEXT] + [CauseName(CauseKind.MESSAGE, id_) for (id_,) in answered] + found
    return found


def reasons(connection: sqlite3.Connection, names: Sequence[CauseName]) -> Mapping[CauseName, list[CauseName]]:
    """What each came of. Nothing: it is not known, or there is nothing before it."""
    return {name: _reasons(connection, name) for name in names}


def _reasons(connection: sqlite3.Connection, name: CauseName) -> list[CauseName]:
    if name.kind is CauseKind.TURN:
        given = turns.given(connection, name.agent, name.number)
        return [CauseName(CauseKind.MESSAGE, id_) for id_ in given]
    row = connection.execute(_CAUSE[name.kind], (name.number,)).fetchone()
    cause = causes.known(row[0]) if row is not None and isinstance(row[0], str) else None
    if cause is not None:
        return [causes.parse(cause)]
    if name.kind is CauseKind.MESSAGE:
        row = connection.execute(_REPLIES_TO, (name.number,)).fetchone()
        if row is not None and isinstance(row[0], int):
            return [CauseName(CauseKind.MESSAGE, row[0])]
    return []


def of_thread(connection: sqlite3.Connection, root: int, limit: int) -> list[CauseName]:
    """The first messages of a thread."""
    found = connection.execute(
        "SELECT id FROM messages WHERE id = ?1 UNION SELECT id FROM messages WHERE thread = ?1 ORDER BY id LIMIT ?2",
        (root, limit),
    )
    return [CauseName(CauseKind.MESSAGE, id_) for (id_,) in found]


def root_of(connection: sqlite3.Connection, message_id: int) -> int | None:
    """The thread of a message; None for one that is not kept."""
    row = connection.execute("SELECT COALESCE(thread, id) FROM messages WHERE id = ?", (message_id,)).fetchone()
    return None if row is None else int(row[0])
