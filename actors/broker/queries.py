"""Every statement on the broker's tables but those of pages. Runs in the store's native threads.

The hot path is raw `executemany`: peewee would cost twenty times as much a row.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from actors.broker import generations
from actors.broker.addressing import Addressee
from actors.broker.failed import table as failures
from actors.broker.failed.failure import Failure
from actors.broker.inbox import Entry, Inbox
from actors.broker.messages import Post, Role
from actors.broker.new_message import NewMessage
from actors.broker.tables import ADDRESSEES, MESSAGES
from actors.store.stored_table import LARGEST
from harness.wire.agent_api import Message
from harness.wire.boundary import causes
from harness.wire.names import OPERATOR
from harness.wire.times import from_ms

StoredRow = tuple[Any, ...]
"""id, sender, recipient, body, kind, sent_at, in_reply_to, broadcast, redelivered: what `message` takes."""

_INSERT = """
    INSERT INTO messages
        (id, sender, recipient, size, body, kind, sent_at, in_reply_to, broadcast, leased_at, cause, thread)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_LEASE = "UPDATE messages SET leased_at = ? WHERE id = ?"
_RETURN = "UPDATE messages SET leased_at = NULL, redelivered = 1 WHERE id = ?"
_ACK = "UPDATE messages SET acked_at = ? WHERE id = ?"
_REVIVE = "UPDATE messages SET acked_at = NULL, leased_at = NULL, redelivered = 1 WHERE id = ?"
_SENDERS = "SELECT id, sender FROM messages WHERE id IN (SELECT value FROM json_each(?))"
_ROOT = f"""
    SELECT COALESCE(thread, id) FROM messages
    WHERE id = ? AND (? = '{OPERATOR}' OR (? IN (sender, recipient) AND id >= {generations.FIRST_ID}))
"""  # noqa: S608 — our own SQL
_FILED = "SELECT 1 FROM messages WHERE recipient = ? AND sender = ? AND body = ? LIMIT 1"
_BY_ID = """
    SELECT id, sender, recipient, body, kind, sent_at, in_reply_to, broadcast, redelivered
    FROM messages WHERE id IN (SELECT value FROM json_each(?))
"""
_UNACKED = f"""
    SELECT id, recipient, sent_at, size, leased_at, redelivered
    FROM messages WHERE acked_at IS NULL AND recipient <> ? AND {MESSAGES.readable} ORDER BY id
"""  # noqa: S608 — our own SQL
_OLDEST = f"""
    SELECT id, recipient, sent_at, CASE WHEN id IN (SELECT id FROM failed_messages) THEN NULL ELSE acked_at END
    FROM messages WHERE id > ? AND id < (SELECT max(id) FROM messages) AND {MESSAGES.readable} ORDER BY id LIMIT ?
"""  # noqa: S608 — our own SQL
_HIGHEST = f"SELECT max(id) FROM messages WHERE id <= {LARGEST}"  # noqa: S608 — our own SQL
_ADDRESSEES = f"SELECT name, role, allowed_recipients FROM addressees WHERE {ADDRESSEES.readable}"  # noqa: S608 — our own SQL


def insert(connection: sqlite3.Connection, messages: Iterable[NewMessage]) -> None:
    """New messages."""
    connection.executemany(
        _INSERT,
        [
            (
                one.id, one.sender, one.recipient, one.size, one.body, one.kind.value, one.sent_at, one.in_reply_to,
                int(one.broadcast), one.leased_at, one.cause, one.thread,
            )
            for one in messages
        ],
    )  # fmt: skip


def lease(connection: sqlite3.Connection, ids: Iterable[int], now_ms: int) -> None:
    """These messages are with their recipient's turn."""
    connection.executemany(_LEASE, [(now_ms, id_) for id_ in ids])


def take_back(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """These messages are offered again, and say so."""
    connection.executemany(_RETURN, [(id_,) for id_ in ids])


def acknowledge(connection: sqlite3.Connection, ids: Iterable[int], now_ms: int) -> None:
    """These messages are done."""
    connection.executemany(_ACK, [(now_ms, id_) for id_ in ids])


def revive(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    """These dead letters are offered again."""
    connection.executemany(_REVIVE, [(id_,) for id_ in ids])


def senders(ids: Sequence[int]) -> Callable[[sqlite3.Connection], dict[int, str]]:
    """Who sent these messages, by id."""
    return lambda connection: dict(connection.execute(_SENDERS, (json.dumps(ids),)).fetchall())


def root_of(connection: sqlite3.Connection, id_: int, name: str) -> int | None:
    """The thread of a message that `name` replies to; None where it cannot: it is not kept, or was never its own.

    The owner of `name` wrote or got what it may reply to; the operator may reply to everything.
    """
    row = connection.execute(_ROOT, (id_, name, name, name)).fetchone()
    return None if row is None else int(row[0])


def is_filed(connection: sqlite3.Connection, post: Post) -> bool:
    """Whether a message with this sender, recipient and body is kept: the same event posted before."""
    return connection.execute(_FILED, (post.to, post.sender, post.body)).fetchone() is not None


def by_id(connection: sqlite3.Connection, ids: Sequence[int]) -> dict[int, StoredRow]:
    """The rows as `message` takes them, by id."""
    return {row[0]: row for row in connection.execute(_BY_ID, (json.dumps(ids),))} if ids else {}


def message(
    row: StoredRow,
    *,
    undelivered: bool = False,
    read_ms: int | None = None,
    thread: int | None = None,
    cause: str | None = None,
) -> Message:
    """The wire's form of a row of any age; a kind that this version does not know is a plain message."""
    id_, sender, recipient, body, kind, sent_at, in_reply_to, broadcast, redelivered = row
    return Message(
        id=id_,
        from_=sender,
        to=recipient,
        body=body,
        sent_at=from_ms(sent_at),
        in_reply_to=in_reply_to,
        broadcast=bool(broadcast),
        redelivered=bool(redelivered),
        kind=failures.known_kind(kind),
        undelivered=undelivered,
        read_at=None if read_ms is None else from_ms(read_ms),
        thread=thread,
        cause=causes.known(cause),
    )


# ---- addressees ---------------------------------------------------------------------------------


def put_addressee(connection: sqlite3.Connection, one: Addressee, now_ms: int) -> None:
    """Add the addressee, or replace the one with its name."""
    allowed = None if one.allowed is None else json.dumps(sorted(one.allowed))
    values = (one.name, one.role.value, allowed, now_ms)
    connection.execute("INSERT OR REPLACE INTO addressees VALUES (?, ?, ?, ?)", values)


def drop_addressee(connection: sqlite3.Connection, name: str) -> None:
    """Remove that addressee, if there is one."""
    connection.execute("DELETE FROM addressees WHERE name = ?", (name,))


def addressees(connection: sqlite3.Connection) -> dict[str, Addressee]:
    """Every addressee that can be read, by name."""
    found: dict[str, Addressee] = {}
    for name, role, allowed in connection.execute(_ADDRESSEES):
        names = None if allowed is None else frozenset(json.loads(allowed))
        found[name] = Addressee(name, Role(role), names)
    return found


# ---- the memory of a starting broker ------------------------------------------------------------


@dataclass(slots=True)
class Snapshot:
    """The broker's memory as the database says it is."""

    next_id: int = 1
    inboxes: dict[str, Inbox] = field(default_factory=dict)
    addressees: dict[str, Addressee] = field(default_factory=dict)
    failures: dict[int, Failure] = field(default_factory=dict)
    dead: dict[int, Entry] = field(default_factory=dict)


def snapshot(connection: sqlite3.Connection) -> Snapshot:
    """All unacknowledged mail and all addressees. Mail to the operator is shown, never leased: it is left out."""
    found = Snapshot()
    (highest,) = connection.execute(_HIGHEST).fetchone()
    found.next_id = (highest or 0) + 1
    for id_, recipient, sent_at, size, leased_at, redelivered in connection.execute(_UNACKED, (OPERATOR,)):
        inbox, entry = found.inboxes.setdefault(recipient, Inbox()), Entry(id_, sent_at, size)
        if leased_at is not None:
            inbox.leased[id_] = entry
            inbox.leased_at = max(leased_at, inbox.leased_at or 0)
        elif redelivered:
            inbox.returned.append(entry)
        else:
            inbox.offer(entry)
    found.addressees = addressees(connection)
    found.failures, found.dead = failures.load(connection)
    return found


# ---- figures ------------------------------------------------------------------------------------

_SENT = f"""
    SELECT owner, sum(size), max(id) FROM (
        SELECT id, size, CASE WHEN sender LIKE 'outside:%' THEN recipient ELSE sender END AS owner
        FROM messages WHERE id > ? AND {MESSAGES.readable}
    ) WHERE id >= COALESCE((SELECT first_message_id FROM generations WHERE ended_at IS NULL AND name = owner), 0)
    GROUP BY owner
"""  # noqa: S608 — our own SQL


def sent_bytes(after: int) -> Callable[[sqlite3.Connection], tuple[dict[str, int], int]]:
    """What the present owner of each name has sent above the id `after`, in bytes; and the last id that was counted.

    Mail of a `wake` is its recipient's own.
    """

    def query(connection: sqlite3.Connection) -> tuple[dict[str, int], int]:
        rows = connection.execute(_SENT, (after,)).fetchall()
        return {owner: size for owner, size, _ in rows}, max((last for _, _, last in rows), default=after)

    return query


# ---- retention ----------------------------------------------------------------------------------


def sweep(connection: sqlite3.Connection, cutoff_ms: int, now_ms: int, after: int, batch: int) -> int | None:
    """Drop acked messages older than `cutoff_ms` among the next `batch` above id `after`.

    Returns the id to go on from, None at the end: when a batch ends with a message of the window, since ids and times
    grow together. A message with a time to come was written by a clock that was wrong, and says nothing about those
    after it. The newest row always stays, so that its id is never given out again.
    """
    rows = connection.execute(_OLDEST, (after, batch)).fetchall()
    gone = [
        (id_,)
        for id_, _, sent_at, acked_at in rows
        if sent_at < cutoff_ms and acked_at is not None and acked_at < cutoff_ms
    ]
    connection.executemany("DELETE FROM messages WHERE id = ?", gone)
    if len(rows) < batch or cutoff_ms <= rows[-1][2] <= now_ms:
        return None
    return int(rows[-1][0])
