"""Retention: drops acknowledged mail past its keep-window, in bounded batches between other commits."""

import sqlite3

from actors.broker import queries
from actors.broker.turns import table as turns
from actors.store import api as store
from actors.supervision import Directory, Promise

KEEP_DAYS = 30
KEEP_TURNS_DAYS = 90
"""As long as telemetry keeps their figures."""
SWEEP_SECONDS = 3_600.0
BATCH = 200
"""Rows looked at in one transaction: about two milliseconds for the requests that share the commit."""

DAY_MS = 24 * 3_600 * 1_000


def sweep_after(directory: Directory, now_ms: int, after: int) -> Promise[int | None]:
    """Sweep one batch above id `after`; the id to go on from, None at the end."""
    cutoff_ms = now_ms - KEEP_DAYS * DAY_MS
    turns_cutoff_ms = now_ms - KEEP_TURNS_DAYS * DAY_MS

    def unit(connection: sqlite3.Connection) -> int | None:
        turns.sweep(connection, turns_cutoff_ms, BATCH)
        return queries.sweep(connection, cutoff_ms, now_ms, after, BATCH)

    return store.write(directory, unit)
