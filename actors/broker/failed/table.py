"""The table of failed messages, written with the commit that notes a failed turn."""

import sqlite3
from collections.abc import Callable, Mapping

from actors.broker.failed.failure import Failure
from actors.broker.inbox import Entry
from actors.broker.sizes import REPLY_BYTES
from actors.broker.tables import FAILED, MESSAGES
from actors.store.stored_table import LARGEST, Unreadable
from harness.wire.agent_api import MessageKind
from harness.wire.operator_rows import DeadLetter
from harness.wire.times import from_ms

_SAVE = "INSERT OR REPLACE INTO failed_messages VALUES (?, ?, ?, ?, ?, ?, ?)"
_FORGET = "DELETE FROM failed_messages WHERE id = ?"
_JOINED = f"""
    FROM failed_messages JOIN messages ON messages.id = failed_messages.id
    WHERE {FAILED.readable} AND {MESSAGES.readable}
"""
_ALL = f"""
    SELECT messages.id, sender, recipient, sent_at, size, attempts, outages, reason, failing_since, failed_at,
        set_aside_at
    {_JOINED} ORDER BY messages.id
"""
_DEAD = f"""
    SELECT size, messages.id, sender, recipient, body, kind, sent_at, attempts, reason, failing_since, set_aside_at
    {_JOINED} AND set_aside_at IS NOT NULL AND messages.id < ? ORDER BY messages.id DESC LIMIT ?
"""
_KINDS = frozenset(MessageKind)
_NEWEST = 2**62


def save(connection: sqlite3.Connection, failures: Mapping[int, Failure | None]) -> None:
    """Note these; None: forget the message's failed tries."""
    for id_, one in failures.items():
        if one is None:
            connection.execute(_FORGET, (id_,))
        else:
            values = (id_, one.attempts, one.outages, one.reason, one.since_ms, one.failed_ms, one.set_aside_ms)
            connection.execute(_SAVE, values)


def load(connection: sqlite3.Connection) -> tuple[dict[int, Failure], dict[int, Entry]]:
    """The failed tries of every message by id, and the dead letters among them."""
    failures: dict[int, Failure] = {}
    dead: dict[int, Entry] = {}
    for id_, sender, recipient, sent_at, size, *figures in connection.execute(_ALL):
        failures[id_] = Failure(recipient, sender, *figures)
        if failures[id_].set_aside_ms is not None:
            dead[id_] = Entry(id_, sent_at, size)
    return failures, dead


def dead_letters(limit: int, before: int | None) -> Callable[[sqlite3.Connection], list[DeadLetter]]:
    """The newest dead letters below `before`, oldest first; as many as fit into a frame.

    Rows that cannot be read stand in their places.
    """

    def run(connection: sqlite3.Connection) -> list[DeadLetter]:
        found: list[DeadLetter] = []
        left = REPLY_BYTES
        for size, id_, sender, recipient, body, kind, sent_at, attempts, reason, since, set_aside in connection.execute(
            _DEAD, (_NEWEST if before is None else before, limit)
        ):
            left -= size + len(reason.encode())
            if found and left < 0:
                break
            found.append(
                DeadLetter(
                    id=id_,
                    from_=sender,
                    to=recipient,
                    body=body,
                    kind=known_kind(kind),
                    sent_at=from_ms(sent_at),
                    attempts=attempts,
                    reason=reason,
                    failing_since=from_ms(since),
                    set_aside_at=from_ms(set_aside),
                )
            )
        span = (found[-1].id if len(found) == limit else 0, LARGEST if before is None else before - 1)
        unreadable = FAILED.error_rows(connection, _unreadable, "id BETWEEN ? AND ?", span)
        return sorted(found + unreadable, key=lambda one: one.id)

    return run


def known_kind(stored: str) -> MessageKind:
    """A kind that this version does not know is that of a plain message."""
    return MessageKind(stored) if stored in _KINDS else MessageKind.MESSAGE


def _unreadable(row: Unreadable) -> DeadLetter:
    nothing, never = "", from_ms(0)
    return DeadLetter(
        id=row.number,
        from_=nothing,
        to=nothing,
        body=nothing,
        kind=MessageKind.MESSAGE,
        sent_at=never,
        attempts=0,
        reason=row.sentence,
        failing_since=never,
        set_aside_at=never,
    )
