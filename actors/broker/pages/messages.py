"""Pages of messages: one inbox, the whole flow, what was never delivered. Run in the store's native threads."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from peewee import SQL

from actors.broker import generations
from actors.broker.queries import message
from actors.broker.sizes import REPLY_BYTES
from actors.broker.tables import MESSAGES
from actors.store import models
from actors.store.stored_table import LARGEST, Unreadable
from harness.wire.agent_api import Message, MessageKind
from harness.wire.names import OPERATOR, SYSTEM
from harness.wire.times import from_ms

_PAGE = (
    models.Message.size,
    models.Message.undelivered,
    models.Message.acked_at,
    models.Message.id,
    models.Message.sender,
    models.Message.recipient,
    models.Message.body,
    models.Message.kind,
    models.Message.sent_at,
    models.Message.in_reply_to,
    models.Message.broadcast,
    models.Message.redelivered,
    models.Message.thread,
    models.Message.cause,
)


def inbox(name: str, limit: int, before: int | None) -> Callable[[sqlite3.Connection], list[Message]]:
    """The newest messages to the present owner of a name below `before`, oldest first."""
    return page(limit, before, models.Message.recipient == name, SQL(f"id >= {generations.FIRST_ID}", (name,)))


def flow(limit: int, before: int | None) -> Callable[[sqlite3.Connection], list[Message]]:
    """The newest messages of everybody below `before`, oldest first; unreadable ones stand in their places."""
    read = page(limit, before)

    def run(connection: sqlite3.Connection) -> list[Message]:
        rows = read(connection)
        span = (rows[0].id if len(rows) == limit else 0, LARGEST if before is None else before - 1)
        unreadable = MESSAGES.error_rows(connection, _unreadable, "id BETWEEN ? AND ?", span)
        return sorted(rows + unreadable, key=lambda one: one.id)

    return run


_THREAD_SIZE = f"SELECT count(*) FROM messages WHERE (id = ?1 OR thread = ?1) AND {MESSAGES.readable}"  # noqa: S608 — our own SQL
_OF_PARTY = """
    id IN (
        SELECT id FROM (SELECT id FROM messages WHERE recipient = ? AND id < ? ORDER BY id DESC LIMIT ?)
        UNION
        SELECT id FROM (SELECT id FROM messages WHERE sender = ? AND id < ? ORDER BY id DESC LIMIT ?)
    )
"""


def of_party(name: str, limit: int, before: int | None) -> Callable[[sqlite3.Connection], list[Message]]:
    """The newest messages below `before` that `name` has sent or was sent, oldest first.

    By the indices of both sides: an agent that rarely writes is found as quickly as one that always does.
    """
    side = (name, LARGEST if before is None else before, limit)
    return page(limit, before, SQL(_OF_PARTY, (*side, *side)))


def of_the_hive(limit: int, before: int | None) -> Callable[[sqlite3.Connection], list[Message]]:
    """The newest messages below `before` that the hive itself has written, oldest first."""
    return page(limit, before, (models.Message.sender == SYSTEM) | (models.Message.kind != MessageKind.MESSAGE.value))


def never_delivered(limit: int, before: int | None) -> Callable[[sqlite3.Connection], list[Message]]:
    """The newest messages below `before` that their recipient never got, oldest first."""
    return page(limit, before, SQL(generations.NEVER_DELIVERED))


@dataclass(frozen=True, slots=True)
class Thread:
    """Messages of one thread, newest last, and how many it has."""

    messages: list[Message]
    total: int


def thread(root: int, limit: int, before: int | None) -> Callable[[sqlite3.Connection], Thread]:
    """The newest messages of a thread below `before`."""
    condition = SQL("(id = ? OR thread = ?)", (root, root))
    read = page(limit, before, condition)

    def run(connection: sqlite3.Connection) -> Thread:
        (total,) = connection.execute(_THREAD_SIZE, (root,)).fetchone()
        return Thread(read(connection), total)

    return run


def page(limit: int, before: int | None, *conditions: Any) -> Callable[[sqlite3.Connection], list[Message]]:
    """The newest readable messages below `before` that fulfil all conditions, oldest first."""
    query = models.Message.select(*_PAGE).order_by(models.Message.id.desc()).limit(limit)
    query = query.where(SQL(MESSAGES.readable_as("t1")))
    for condition in (*conditions, *(() if before is None else (models.Message.id < before,))):
        query = query.where(condition)
    text, parameters = models.sql(query)

    def run(connection: sqlite3.Connection) -> list[Message]:
        found: list[Message] = []
        left = REPLY_BYTES  # a page fits into one frame: with long bodies it has fewer rows than were asked for
        for size, undelivered, acked_at, *row, thread, cause in connection.execute(text, parameters):
            left -= size
            if found and left < 0:
                break
            read_ms = acked_at if row[2] == OPERATOR else None
            root = row[0] if thread is None else thread
            found.append(message(tuple(row), undelivered=bool(undelivered), read_ms=read_ms, thread=root, cause=cause))
        return found[::-1]

    return run


def _unreadable(row: Unreadable) -> Message:
    return Message(id=row.number, from_=SYSTEM, to=OPERATOR, body=row.sentence, sent_at=from_ms(0))
