"""Every statement on telemetry's tables but those of `series.py`. Runs in the store's native threads."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from peewee import SQL

from actors.store import models
from actors.store.readable import readable
from actors.store.stored_table import (
    COUNT,
    FLAG,
    ID,
    JSON,
    LARGEST,
    NUMBER,
    TEXT,
    TIME,
    StoredTable,
    optional,
)
from actors.telemetry import histories
from actors.telemetry.rollup import DAY_MS, Rollup, day_of
from harness.wire.boundary.frame import shown
from harness.wire.events import Note, TurnStats, Usage
from harness.wire.framing import MAX_FRAME_BYTES
from harness.wire.operator_rows import TurnRow
from harness.wire.times import from_ms

EventRow = tuple[int, str, int, str, int, str]
"""id, agent, at, kind, known, payload."""
StoredEvent = tuple[int, str, int, str, int, str, int]
"""The same, and its facets."""

EVENTS = StoredTable(
    "events", ("id",), {"id": ID, "agent": TEXT, "at": TIME, "kind": TEXT, "known": FLAG, "payload": JSON,
     "facets": optional(COUNT)},
)  # fmt: skip
TURNS = StoredTable(
    "turns",
    ("id",),
    {
        "id": ID, "agent": TEXT, "ended_at": TIME, "duration_ms": COUNT, "outcome": TEXT, "cost_usd": optional(NUMBER),
        "stats": JSON, "number": optional(ID), "first_event": COUNT, "last_event": COUNT,
    },
)  # fmt: skip
_LAST_TURNS = (
    "SELECT agent, stats FROM turns WHERE id IN (SELECT max(id) FROM turns GROUP BY agent)"  # noqa: S608 — our own SQL
    f" AND {TURNS.holding('agent', 'stats')} AND {histories.own('turns')}"
)
_TODAY = (
    "SELECT agent, duration_ms, cost_usd FROM turns WHERE ended_at >= ? AND ended_at <= ?"  # noqa: S608 — our own SQL
    f" AND {TURNS.holding('agent', 'ended_at', 'duration_ms', 'cost_usd')} AND {histories.own('turns')}"
)
_LAST_USAGE = (
    "SELECT agent, payload FROM events"  # noqa: S608 — our own SQL
    " WHERE id IN (SELECT max(id) FROM events WHERE kind = 'usage' AND known = 1 GROUP BY agent)"
    f" AND {EVENTS.holding('agent', 'payload')} AND {histories.own('events')}"
)
_BEGUN = """
    SELECT agent, max(id) AS start FROM events WHERE kind = 'turn_start' GROUP BY agent
    HAVING start > COALESCE((SELECT max(last_event) FROM turns WHERE turns.agent = events.agent), 0)
"""
_BEGIN_HISTORY = """
    INSERT OR REPLACE INTO histories (agent, first_event, first_turn)
    VALUES (?, ?, (SELECT COALESCE(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'turns'))
"""


def insert_events(connection: sqlite3.Connection, rows: Iterable[StoredEvent]) -> None:
    """Store live events."""
    connection.executemany(
        "INSERT INTO events (id, agent, at, kind, known, payload, facets) VALUES (?, ?, ?, ?, ?, ?, ?)", rows
    )


def insert_turn(
    connection: sqlite3.Connection,
    agent: str,
    ended_at: int,
    stats: Mapping[str, Any],
    points: Mapping[str, float],
    *,
    span: tuple[int, int],
) -> None:
    """Store one turn with its points; its events have ids in `span`."""
    connection.execute(
        "INSERT INTO turns (agent, ended_at, duration_ms, outcome, cost_usd, stats, number, first_event, last_event)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            agent,
            ended_at,
            stats["duration_ms"],
            stats["outcome"],
            stats["cost_usd"],
            json.dumps(stats),
            stats["turn"],
            *span,
        ),
    )
    insert_points(connection, agent, ended_at, points)


def insert_points(connection: sqlite3.Connection, agent: str, ts: int, points: Mapping[str, float]) -> None:
    """Store points of series; of two in the same millisecond the later one counts."""
    rows = [(agent, ts, key, float(value)) for key, value in points.items()]
    connection.executemany("INSERT OR REPLACE INTO stats VALUES (?, ?, ?, ?)", rows)


def begin_history(connection: sqlite3.Connection, agent: str, first_event: int) -> None:
    """What is stored from now on is the history of a new owner of that name.

    Points have no id, and their times are the agent's word: a former owner may have set some in the future. So they
    get another name, which no agent can have.
    """
    connection.execute(_BEGIN_HISTORY, (agent, first_event))
    former = f"{agent}{histories.FORMER}{first_event}"
    connection.execute("UPDATE OR REPLACE stats SET agent = ? WHERE agent = ?", (former, agent))


def last_event_id(connection: sqlite3.Connection) -> int:
    """The highest id ever given out, even when its row is dropped."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return row[0] if row is not None and isinstance(row[0], int) and row[0] < LARGEST else 0


def begun(connection: sqlite3.Connection) -> dict[str, int]:
    """For each agent whose last turn has not ended: the event with which it began."""
    return {agent: number for agent, number in connection.execute(_BEGUN) if isinstance(agent, str)}


def rollups(connection: sqlite3.Connection, now_ms: int) -> dict[str, Rollup]:
    """The totals of every agent, rebuilt from the tables."""
    found: dict[str, Rollup] = {}
    for agent, stats in connection.execute(_LAST_TURNS):
        with suppress(ValueError):  # a turn of an earlier version with figures that are none
            last = figures(stats)
            found[agent] = Rollup(day_of(now_ms), last_turn=last, context_tokens=last["context_tokens"])
    for agent, payload in connection.execute(_LAST_USAGE):
        with suppress(ValueError):
            usage = Usage.model_validate_json(payload)
            found.setdefault(agent, Rollup(day_of(now_ms))).usage(usage.context_tokens, usage.context_window)
    for agent, duration_ms, cost_usd in connection.execute(_TODAY, (day_of(now_ms) * DAY_MS, now_ms)):
        found.setdefault(agent, Rollup(day_of(now_ms))).count(duration_ms, cost_usd)
    return found


# ---- pages --------------------------------------------------------------------------------------

PAGE_BYTES = MAX_FRAME_BYTES - 64 * 1024
"""A page fits into one frame: with large events it has fewer rows than the limit."""


def live_row(row: EventRow) -> dict[str, Any]:
    """An event in the form that operators get."""
    id_, agent, at, _kind, known, payload = row
    event = shown(json.loads(payload))
    return {"agent": agent, "id": id_, "at": from_ms(at), "event": event, "known": bool(known)}


def error_event(row: EventRow, reason: str) -> dict[str, Any]:
    """What is shown in place of an event that cannot be read."""
    return {"agent": row[1], "id": row[0], "at": from_ms(0), "event": Note(text=reason).as_frame(), "known": False}


def turns(agent: str, limit: int) -> Callable[[sqlite3.Connection], list[TurnRow]]:
    """The newest turns, oldest first."""
    turn = models.Turn
    query = turn.select(turn.id, turn.first_event, turn.last_event, turn.stats).where(
        turn.agent == agent, SQL(histories.own("turns", "t1"))
    )
    query = query.where(SQL(TURNS.readable_as("t1")))
    text, parameters = models.sql(query.order_by(turn.id.desc()).limit(limit))

    def row(one: tuple[int, int, int, str]) -> TurnRow:
        return TurnRow(id=one[0], agent=agent, stats=figures(one[3]), first_event=one[1], last_event=one[2])

    def error_row(one: tuple[int, int, int, str], reason: str) -> TurnRow:
        return TurnRow(id=one[0], agent=agent, stats={}, error=reason, first_event=one[1], last_event=one[2])

    own = f"agent = ? AND {histories.own('turns')}"

    def run(connection: sqlite3.Connection) -> list[TurnRow]:
        unreadable = TURNS.error_rows(
            connection, lambda one: error_row((one.number, 0, 0, ""), one.sentence), own, (agent,)
        )
        return unreadable + readable(_fitting(connection.execute(text, parameters)), row, error_row)[::-1]

    return run


def figures(stats: str) -> dict[str, Any]:
    """The TurnStats frame of a stored turn; ValueError when it is none."""
    return TurnStats.model_validate_json(stats).as_frame()


def _fitting(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The first rows, as many as fit into a page and at least one; the last column is the long one."""
    left = PAGE_BYTES
    for number, row in enumerate(rows):
        left -= len(row[-1]) + 256
        if number and left < 0:
            return
        yield row


# ---- retention ----------------------------------------------------------------------------------

_AGES = {
    "events": f"SELECT id, at FROM events WHERE id > ? AND {TIME.holds('at')} ORDER BY id LIMIT ?",  # noqa: S608 — our own SQL
    "turns": f"SELECT id, ended_at FROM turns WHERE id > ? AND {TIME.holds('ended_at')} ORDER BY id LIMIT ?",  # noqa: S608 — as above
}
_DROP = {"events": "DELETE FROM events WHERE id = ?", "turns": "DELETE FROM turns WHERE id = ?"}
_SWEEP_STATS = f"""
    DELETE FROM stats
    WHERE (agent, key, ts) IN (SELECT agent, key, ts FROM stats WHERE (ts < ? OR ts > ?) AND {TIME.holds("ts")} LIMIT ?)
"""  # noqa: S608 — our own SQL


def sweep_rows(
    connection: sqlite3.Connection, table: str, *, cutoff_ms: int, now_ms: int, after: int, batch: int
) -> int | None:
    """Drop what is older than `cutoff_ms` among the next `batch` rows above id `after`.

    Returns the id to go on from, None at the end: when a batch ends with a row of the window, since ids and times grow
    together. A row with a time to come was written by a clock that was wrong, and says nothing about those after it.
    """
    rows = connection.execute(_AGES[table], (after, batch)).fetchall()
    connection.executemany(_DROP[table], [(id_,) for id_, at in rows if at < cutoff_ms])
    if len(rows) < batch or cutoff_ms <= rows[-1][1] <= now_ms:
        return None
    return int(rows[-1][0])


def sweep_points(connection: sqlite3.Connection, cutoff_ms: int, now_ms: int, batch: int) -> int:
    """Drop up to `batch` points that are older than `cutoff_ms` or more than a day ahead; how many.

    The table has no rowid: the search walks it, hourly and at most so far as it finds a batch.
    """
    return connection.execute(_SWEEP_STATS, (cutoff_ms, now_ms + DAY_MS, batch)).rowcount
