"""A plan as a unit of the store. Runs in the writing thread, in one transaction."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from actors.broker import queries
from actors.broker.plan import Move, Plan
from actors.broker.queries import Row
from actors.store.group_commit import environment_error


@dataclass(frozen=True, slots=True)
class Committed:
    """What only the database could tell."""

    delivered: dict[int, Row]
    """The leased messages, for `queries.message`."""
    threads: dict[int, int | None]
    """For new messages that named another one: which one it is in reply to after all."""


class AlsoError(Exception):
    """The poster's own part of the transaction raised; its error is the cause."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def unit_of(plan: Plan) -> Callable[[sqlite3.Connection], Committed]:
    """The work on the writing connection. The plan is not changed any more from here on."""
    rows = plan.frozen_rows()
    delivered = [id_ for delivery in plan.deliveries for id_ in delivery.ids]

    def unit(connection: sqlite3.Connection) -> Committed:
        if plan.also is not None:
            try:
                plan.also(connection)
            except Exception as error:
                if environment_error(error) is not None:
                    raise  # the disk's trouble concerns the whole group
                raise AlsoError(error) from error
        threads = _insert(connection, rows)
        for move, ids in plan.moves:
            match move:
                case Move.LEASE:
                    queries.lease(connection, ids, plan.now_ms)
                case Move.RETURN:
                    queries.take_back(connection, ids)
                case Move.ACK:
                    queries.acknowledge(connection, ids, plan.now_ms)
        for one in plan.enrolled:
            if isinstance(one, str):
                queries.drop_addressee(connection, one)
            else:
                queries.put_addressee(connection, one, plan.now_ms)
        return Committed(queries.by_id(connection, delivered), threads)

    return unit


PARENT = 7
"""The column `in_reply_to` of a new row."""


def _insert(connection: sqlite3.Connection, rows: list[Row]) -> dict[int, int | None]:
    """Insert in order; an `in_reply_to` that is unknown, foreign or swept is forgotten."""
    threads: dict[int, int | None] = {}
    if all(row[PARENT] is None for row in rows):
        queries.insert(connection, rows)
        return threads
    for row in rows:
        parent = row[PARENT]
        if parent is not None:
            parent = threads[row[0]] = parent if queries.is_party(connection, parent, row[1]) else None
        queries.insert(connection, [(*row[:PARENT], parent, *row[PARENT + 1 :])])
    return threads
