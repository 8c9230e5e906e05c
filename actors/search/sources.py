"""The tables that are searched, and the SQL that reads them. Runs in the store's native threads; writes nothing."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from actors.approvals.queries import DECISIONS
from actors.broker.tables import MESSAGES
from actors.questions.queries import QUESTIONS
from actors.search import documents
from actors.search.documents import Document
from actors.store.messages import Database
from actors.store.stored_table import StoredTable
from actors.telemetry.queries import EVENTS

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """One table: its ids grow, and a row with an id that was read is read again only while it is unresolved."""

    table: StoredTable
    database: Database
    columns: str
    at: str
    documents: Callable[[tuple[Any, ...]], list[Document]]
    batch: int
    last: str
    """SQL for the highest id ever given out."""

    @property
    def name(self) -> str:
        return self.table.name


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that can be read, and the last id that was looked at with its time; None where there was no further row."""

    rows: Rows
    last: tuple[int, int] | None
    full: bool


SOURCES: Final[tuple[Source, ...]] = (
    Source(
        DECISIONS,
        Database.HIVE,
        "id, at, approval_id, agent, kind, verdict, decided_by, note,"
        " (SELECT description FROM approvals WHERE approvals.id = approval_id)",
        "at",
        lambda row: [documents.decision(row)],
        200,
        "SELECT COALESCE(max(id), 0) FROM decisions",
    ),
    Source(
        QUESTIONS,
        Database.HIVE,
        "id, asked_at, asker, target, question, options, answer, answerer, status",
        "asked_at",
        lambda row: [documents.question(row)],
        200,
        "SELECT COALESCE(max(id), 0) FROM questions",
    ),
    Source(
        MESSAGES,
        Database.HIVE,
        "id, sent_at, sender, recipient, body",
        "sent_at",
        lambda row: [documents.message(row)],
        500,
        "SELECT COALESCE(max(id), 0) FROM messages",
    ),
    Source(
        EVENTS,
        Database.TELEMETRY,
        "id, at, agent, payload",
        "at",
        documents.of_event,
        200,
        "SELECT COALESCE(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'",
    ),
)
BY_NAME: Final = {one.name: one for one in SOURCES}


def read(source: Source, after: int, again: Sequence[int]) -> Callable[[sqlite3.Connection], Batch]:
    """The rows above the id `after`, at most a batch, and those of `again`, as they are now."""
    name, readable = source.name, source.table.readable
    span = f"SELECT id, {source.at} FROM {name} WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608 — our own names
    select = f"SELECT {source.columns} FROM {name} WHERE {readable} AND "  # noqa: S608 — our own names

    def query(connection: sqlite3.Connection) -> Batch:
        ids = [row for row in connection.execute(span, (after, source.batch)) if isinstance(row[0], int)]
        last = ids[-1] if ids else None
        rows = (
            connection.execute(f"{select} id > ? AND id <= ? ORDER BY id", (after, last[0])).fetchall() if last else []
        )
        if again:
            rows += connection.execute(
                f"{select} id <= ? AND id IN (SELECT value FROM json_each(?))",  # noqa: S608 — our own names
                (after, json.dumps(list(again))),
            ).fetchall()
        at = last[1] if last and isinstance(last[1], int) else 0
        return Batch(rows, (last[0], at) if last else None, len(ids) == source.batch)

    return query


def last_id(source: Source) -> Callable[[sqlite3.Connection], int]:
    """The highest id ever given out."""
    return lambda connection: int((connection.execute(source.last).fetchone() or (0,))[0])


def is_the_same(source: Source, id_: int, at: int) -> Callable[[sqlite3.Connection], bool]:
    """Whether the table is the one in which the row `id_` had that time, as far as it can still be told."""

    def query(connection: sqlite3.Connection) -> bool:
        if last_id(source)(connection) < id_:
            return False
        row = connection.execute(f"SELECT {source.at} FROM {source.name} WHERE id = ?", (id_,)).fetchone()  # noqa: S608 — our own names
        return row is None or row[0] == at or not isinstance(row[0], int)

    return query


def kept(source: Source, ids: Sequence[int]) -> Callable[[sqlite3.Connection], set[int]]:
    """Which of these rows the table still has."""
    text = f"SELECT id FROM {source.name} WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 — our own names
    return lambda connection: {id_ for (id_,) in connection.execute(text, (json.dumps(list(ids)),))}
