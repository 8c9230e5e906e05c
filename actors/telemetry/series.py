"""Reads the series: every point, or as many as fit into one frame. Runs in a reading thread.

Thinned series keep their meaning: counts are summed over a bucket, measures are averaged.
"""

import sqlite3
from collections.abc import Callable

from actors.store.stored_table import NUMBER, TEXT, TIME, StoredTable
from actors.telemetry import histories

MAX_POINTS = 25_000
"""About three quarters of a frame."""

MEASURES = (
    "turn_duration_ms",
    "inbox_depth",
    "notes_bytes",
    "context_tokens",
    "since_last_turn_ms",
    "approvals_pending",
    "cold",
)
"""Keys whose values are averaged; the values of all others are counts."""

Series = dict[str, dict[str, list[list[float]]]]
"""By agent and key: [[milliseconds UTC, value], …], oldest first."""

STATS = StoredTable("stats", ("agent", "key", "ts"), {"agent": TEXT, "ts": TIME, "key": TEXT, "value": NUMBER})
_WHERE = f"""
    FROM stats WHERE {STATS.readable} AND ts >= :since AND (:agent IS NULL OR agent = :agent)
        AND instr(agent, '{histories.FORMER}') = 0
"""
_SPAN = f"SELECT count(*), count(DISTINCT agent || ' ' || key), min(ts), max(ts) {_WHERE}"
_POINTS = f"SELECT agent, key, ts, value {_WHERE} ORDER BY agent, key, ts"
_BUCKETS = f"""
    SELECT agent, key, min(ts), CASE WHEN key IN {MEASURES} THEN avg(value) ELSE sum(value) END
    {_WHERE} GROUP BY agent, key, (ts - :first) / :width ORDER BY agent, key, min(ts)
"""


def series(since_ms: int, agent: str | None) -> Callable[[sqlite3.Connection], Series]:
    """Every series from `since_ms` on, of one agent or (None) of all."""

    def run(connection: sqlite3.Connection) -> Series:
        wanted: dict[str, int | str | None] = {"since": since_ms, "agent": agent}
        count, keys, first, last = connection.execute(_SPAN, wanted).fetchone()
        query = _POINTS
        if count > MAX_POINTS:
            query = _BUCKETS
            wanted |= {"first": first, "width": (last - first) // max(MAX_POINTS // keys - 1, 1) + 1}
        found: Series = {}
        for name, key, ts, value in connection.execute(query, wanted):
            found.setdefault(name, {}).setdefault(key, []).append([ts, value])
        return found

    return run
