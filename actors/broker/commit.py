"""A plan as a unit of the store. Runs in the writing thread, in one transaction."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace

from actors.broker import queries
from actors.broker.failed import table as failures
from actors.broker.new_message import NewMessage
from actors.broker.plan import CommitPlan, Move
from actors.broker.queries import StoredRow
from actors.store.group_commit import environment_error


@dataclass(frozen=True, slots=True)
class Committed:
    """What only the database could tell."""

    delivered: dict[int, StoredRow]
    """The leased messages, for `queries.message`."""
    replies: dict[int, tuple[int, int]]
    """For new messages that are replies: what to, and the root of the thread."""


class ExtraWriteError(Exception):
    """The poster's own part of the transaction raised; its error is the cause."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def unit_of(plan: CommitPlan) -> Callable[[sqlite3.Connection], Committed]:
    """The work on the writing connection. The plan is not changed any more from here on."""
    delivered = [id_ for delivery in plan.deliveries for id_ in delivery.ids]

    def unit(connection: sqlite3.Connection) -> Committed:
        _write_extra(connection, plan)
        replies = _insert(connection, plan.messages)
        for move, ids in plan.moves:
            match move:
                case Move.LEASE:
                    queries.lease(connection, ids, plan.now_ms)
                case Move.RETURN:
                    queries.take_back(connection, ids)
                case Move.ACK:
                    queries.acknowledge(connection, ids, plan.now_ms)
                case Move.REVIVE:
                    queries.revive(connection, ids)
        failures.save(connection, plan.failures)
        for one in plan.addressees:
            if isinstance(one, str):
                queries.drop_addressee(connection, one)
            else:
                queries.put_addressee(connection, one, plan.now_ms)
        return Committed(queries.by_id(connection, delivered), replies)

    return unit


def _write_extra(connection: sqlite3.Connection, plan: CommitPlan) -> None:
    if plan.extra_write is None:
        return
    try:
        plan.extra_write(connection)
    except Exception as error:
        if environment_error(error) is not None:
            raise  # the disk's trouble concerns the whole group
        raise ExtraWriteError(error) from error


def _insert(connection: sqlite3.Connection, messages: list[NewMessage]) -> dict[int, tuple[int, int]]:
    """Insert in order; an `in_reply_to` that is unknown, foreign or swept is dropped."""
    replies: dict[int, tuple[int, int]] = {}
    if all(one.in_reply_to is None for one in messages):
        queries.insert(connection, messages)
        return replies
    for one in messages:
        parent = one.in_reply_to
        root = None if parent is None else queries.root_of(connection, parent, one.sender)
        if parent is not None and root is not None:
            replies[one.id] = (parent, root)
        queries.insert(connection, [replace(one, in_reply_to=None if root is None else parent, thread=root)])
    return replies
