"""The SQL of the operator's own mail: pages, what is unread, marks. Such mail is shown and never leased.

Read means acknowledged: `acked_at` of a message to the operator is the moment at which the operator marked it as read.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from actors.broker import queries
from actors.broker.pages.messages import page as page_of
from actors.broker.tables import MESSAGES
from actors.store import models
from harness.wire.agent_api import Message
from harness.wire.names import OPERATOR

_MINE = f"recipient = 'operator' AND sender <> 'operator' AND {MESSAGES.readable}"
_COUNTS = f"SELECT count(*), count(*) - count(acked_at) FROM messages WHERE {_MINE} AND (?1 IS NULL OR sender = ?1)"  # noqa: S608 — our own SQL
_UNREAD = f"""
    SELECT sender, count(*), max(id) FROM messages WHERE {_MINE} AND acked_at IS NULL
    GROUP BY sender ORDER BY min(id)
"""  # noqa: S608 — our own SQL
_ORIGINS = "SELECT id, thread, cause FROM messages WHERE id IN (SELECT value FROM json_each(?))"
_MARK = f"UPDATE messages SET acked_at = ? WHERE {_MINE} AND acked_at IS NULL"  # noqa: S608 — our own SQL
_MARK_CHOSEN = f"{_MARK} AND id IN (SELECT value FROM json_each(?))"  # noqa: S608 — our own SQL
_MARK_ALL = f"{_MARK} AND id <= ? AND (? IS NULL OR sender = ?)"


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, newest last, and the figures of the whole inbox they are a page of."""

    messages: list[Message]
    total: int
    unread: int


def page(limit: int, before: int | None, *, unread: bool, sender: str | None) -> Callable[[sqlite3.Connection], Page]:
    """The newest messages below `before`; the figures are of everything, of that sender if one is named."""
    conditions = [models.Message.recipient == OPERATOR]
    if unread:
        conditions += [models.Message.acked_at.is_null(), models.Message.sender != OPERATOR]
    if sender is not None:
        conditions.append(models.Message.sender == sender)
    read = page_of(limit, before, *conditions)

    def query(connection: sqlite3.Connection) -> Page:
        total, unread_count = connection.execute(_COUNTS, (sender,)).fetchone()
        return Page(read(connection), total, unread_count)

    return query


def unread(connection: sqlite3.Connection) -> list[tuple[int, Message]]:
    """For each sender of unread mail how much there is, and the newest message; the longest waiting sender first."""
    found = connection.execute(_UNREAD).fetchall()
    ids = [id_ for _, _, id_ in found]
    newest = queries.by_id(connection, ids)
    came = {id_: (thread or id_, cause) for id_, thread, cause in connection.execute(_ORIGINS, (json.dumps(ids),))}
    return [(count, queries.message(newest[id_], thread=came[id_][0], cause=came[id_][1])) for _, count, id_ in found]


def mark(ids: Sequence[int], up_to: int | None, sender: str | None, now_ms: int) -> Callable[[sqlite3.Connection], int]:
    """Mark these messages as read, or all up to one; how many were unread."""

    def unit(connection: sqlite3.Connection) -> int:
        if up_to is None:
            return connection.execute(_MARK_CHOSEN, (now_ms, json.dumps(list(ids)))).rowcount
        return connection.execute(_MARK_ALL, (now_ms, up_to, sender, sender)).rowcount

    return unit
