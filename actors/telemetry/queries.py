"""Every statement on telemetry's tables. Runs in the store's native threads."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from actors.store import models
from actors.telemetry.rollup import DAY_MS, Rollup, day_of
from harness.wire.operator_rows import TurnRow
from harness.wire.times import from_ms

EventRow = tuple[int, str, int, str, int, str]
"""id, agent, at, kind, known, payload."""

_LAST_TURNS = "SELECT agent, stats FROM turns WHERE id IN (SELECT max(id) FROM turns GROUP BY agent)"
_TODAY = "SELECT agent, duration_ms, cost_usd FROM turns WHERE ended_at >= ?"
_LAST_USAGE = """
    SELECT agent, payload FROM events
    WHERE id IN (SELECT max(id) FROM events WHERE kind = 'usage' AND known = 1 GROUP BY agent)
"""


def insert_events(connection: sqlite3.Connection, rows: Iterable[EventRow]) -> None:
    """Live events."""
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", rows)


def insert_turn(
    connection: sqlite3.Connection, agent: str, ended_at: int, stats: Mapping[str, Any], points: Mapping[str, float]
) -> None:
    """One turn and its points."""
    connection.execute(
        "INSERT INTO turns (agent, ended_at, duration_ms, outcome, cost_usd, stats) VALUES (?, ?, ?, ?, ?, ?)",
        (agent, ended_at, stats["duration_ms"], stats["outcome"], stats["cost_usd"], json.dumps(stats)),
    )
    insert_points(connection, agent, ended_at, points)


def insert_points(connection: sqlite3.Connection, agent: str, ts: int, points: Mapping[str, float]) -> None:
    """Points of series; the later one of two in the same millisecond counts."""
    rows = [(agent, ts, key, float(value)) for key, value in points.items()]
    connection.executemany("INSERT OR REPLACE INTO stats VALUES (?, ?, ?, ?)", rows)


def last_event_id(connection: sqlite3.Connection) -> int:
    """The highest id ever given out, also when its row is swept."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return 0 if row is None else int(row[0])


def rollups(connection: sqlite3.Connection, now_ms: int) -> dict[str, Rollup]:
    """What memory holds of every agent."""
    found: dict[str, Rollup] = {}
    for agent, stats in connection.execute(_LAST_TURNS):
        last = json.loads(stats)
        found[agent] = Rollup(day_of(now_ms), last_turn=last, context_tokens=last["context_tokens"])
    for agent, payload in connection.execute(_LAST_USAGE):
        usage = json.loads(payload)
        one = found.setdefault(agent, Rollup(day_of(now_ms)))
        one.usage(usage.get("context_tokens"), usage.get("context_window"))
    for agent, duration_ms, cost_usd in connection.execute(_TODAY, (day_of(now_ms) * DAY_MS,)):
        found.setdefault(agent, Rollup(day_of(now_ms))).count(duration_ms, cost_usd)
    return found


# ---- pages --------------------------------------------------------------------------------------


def live_history(agent: str, limit: int, before: int | None) -> Callable[[sqlite3.Connection], list[dict[str, Any]]]:
    """The newest events below `before`, oldest first."""
    event = models.Event
    query = event.select(event.id, event.at, event.known, event.payload).where(event.agent == agent)
    if before is not None:
        query = query.where(event.id < before)
    text, parameters = models.sql(query.order_by(event.id.desc()).limit(limit))
    return lambda connection: [
        {"agent": agent, "id": id_, "at": from_ms(at), "event": json.loads(payload), "known": bool(known)}
        for id_, at, known, payload in connection.execute(text, parameters)
    ][::-1]


def turns(agent: str, limit: int) -> Callable[[sqlite3.Connection], list[TurnRow]]:
    """The newest turns, oldest first."""
    turn = models.Turn
    query = turn.select(turn.id, turn.stats).where(turn.agent == agent).order_by(turn.id.desc()).limit(limit)
    text, parameters = models.sql(query)
    return lambda connection: [
        TurnRow(id=id_, agent=agent, stats=json.loads(stats)) for id_, stats in connection.execute(text, parameters)
    ][::-1]


def series(since_ms: int, agent: str | None) -> Callable[[sqlite3.Connection], dict[str, dict[str, list[list[float]]]]]:
    """By agent and key: agent → key → [[milliseconds UTC, value], …], oldest first."""
    stat = models.Stat
    query = stat.select(stat.agent, stat.key, stat.ts, stat.value).where(stat.ts >= since_ms)
    if agent is not None:
        query = query.where(stat.agent == agent)
    text, parameters = models.sql(query.order_by(stat.agent, stat.key, stat.ts))

    def run(connection: sqlite3.Connection) -> dict[str, dict[str, list[list[float]]]]:
        found: dict[str, dict[str, list[list[float]]]] = {}
        for name, key, ts, value in connection.execute(text, parameters):
            found.setdefault(name, {}).setdefault(key, []).append([ts, value])
        return found

    return run


# ---- retention ----------------------------------------------------------------------------------

_SWEEPS = {
    # The oldest rows have the lowest ids: nothing is searched.
    "events": "DELETE FROM events WHERE at < ? AND id IN (SELECT id FROM events ORDER BY id LIMIT ?)",
    "turns": "DELETE FROM turns WHERE ended_at < ? AND id IN (SELECT id FROM turns ORDER BY id LIMIT ?)",
    # Without a rowid; the inner search walks the table, hourly and at most so far as it finds a batch.
    "stats": """
        DELETE FROM stats WHERE (agent, key, ts) IN (SELECT agent, key, ts FROM stats WHERE ts < ? LIMIT ?)
    """,
}
TABLES = tuple(_SWEEPS)


def sweep(connection: sqlite3.Connection, table: str, cutoff_ms: int, batch: int) -> int:
    """Drop up to `batch` rows of before `cutoff_ms`; how many."""
    return connection.execute(_SWEEPS[table], (cutoff_ms, batch)).rowcount
