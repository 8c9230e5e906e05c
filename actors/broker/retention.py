"""Retention: drops acknowledged mail past its keep-window, in bounded batches between other commits."""

from actors.broker import queries
from actors.store import api as store
from actors.supervision import Directory, Promise

KEEP_DAYS = 30
SWEEP_SECONDS = 3_600.0
BATCH = 200
"""Rows looked at in one transaction: about two milliseconds for the requests that share the commit."""

DAY_MS = 24 * 3_600 * 1_000


def sweep_after(directory: Directory, now_ms: int, after: int) -> Promise[int | None]:
    """Sweep one batch above id `after`; the id to go on from, None at the end."""
    cutoff_ms = now_ms - KEEP_DAYS * DAY_MS
    return store.write(directory, lambda connection: queries.sweep(connection, cutoff_ms, now_ms, after, BATCH))
