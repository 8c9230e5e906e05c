"""The SQL of the tables `snoozes` and `answered_needs`. Times are ms UTC."""

import sqlite3
from collections.abc import Callable, Iterable

from actors.store.stored_table import ID, LARGEST, TEXT, TIME, StoredTable, optional
from actors.triage.messages import AnsweredNeed, Snooze

Unit = Callable[[sqlite3.Connection], None]

DAY_MS = 24 * 3600 * 1000
KEEP_DAYS = 90
MAX_DURATIONS = 10_000
"""Of one reading of the latency, the newest."""

SNOOZES = StoredTable("snoozes", ("key",), {"key": TEXT, "mark": TEXT, "at": TIME, "until_at": optional(TIME)})
ANSWERED_NEEDS = StoredTable(
    "answered_needs",
    ("id",),
    {"id": ID, "key": TEXT, "kind": TEXT, "agent": TEXT, "verb": TEXT, "needed_at": TIME, "decided_at": TIME},
)


def snoozes(connection: sqlite3.Connection) -> list[Snooze]:
    """Every item that was put off and whose row can be read."""
    text = f"SELECT key, mark, until_at FROM snoozes WHERE {SNOOZES.readable} ORDER BY at, key"  # noqa: S608 — our own SQL
    return [Snooze(*row) for row in connection.execute(text)]


def put_off(snooze: Snooze, now_ms: int) -> Unit:
    def unit(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO snoozes (key, mark, at, until_at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE"
            " SET mark = excluded.mark, at = excluded.at, until_at = excluded.until_at",
            (snooze.key, snooze.mark, now_ms, snooze.until_ms),
        )

    return unit


def wake(keys: Iterable[str]) -> Unit:
    rows = [(key,) for key in keys]

    def unit(connection: sqlite3.Connection) -> None:
        connection.executemany("DELETE FROM snoozes WHERE key = ?", rows)

    return unit


def drop_old_snoozes(now_ms: int) -> Unit:
    """Drop what is over, and what was put off so long ago that it has changed since."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.execute(
            f"DELETE FROM snoozes WHERE (until_at <= ? OR at < ?) AND {SNOOZES.readable}",  # noqa: S608 — our own SQL
            (now_ms, now_ms - KEEP_DAYS * DAY_MS),
        )

    return unit


def note(needs: Iterable[AnsweredNeed], now_ms: int) -> Unit:
    """Store decisions, and drop the ones that are too old."""
    rows = [(one.key, one.kind, one.agent, one.verb, one.needed_ms, one.decided_ms) for one in needs]

    def unit(connection: sqlite3.Connection) -> None:
        # The ids that SQLite gives out go on from a damaged one, and could not be read either.
        (last,) = connection.execute(
            "SELECT COALESCE(max(id), 0) FROM answered_needs WHERE id < ?", (LARGEST,)
        ).fetchone()
        connection.executemany(
            "INSERT INTO answered_needs (id, key, kind, agent, verb, needed_at, decided_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(last + number, *row) for number, row in enumerate(rows, 1)],
        )
        connection.execute(
            f"DELETE FROM answered_needs WHERE decided_at < ? AND {ANSWERED_NEEDS.readable}",  # noqa: S608 — our own SQL
            (now_ms - KEEP_DAYS * DAY_MS,),
        )

    return unit


def durations(since_ms: int) -> Callable[[sqlite3.Connection], list[int]]:
    """How long each decision since then was waited for, in ms, in order of length."""

    def query(connection: sqlite3.Connection) -> list[int]:
        rows = connection.execute(
            "SELECT decided_at - needed_at FROM answered_needs"  # noqa: S608 — our own SQL
            f" WHERE decided_at >= ? AND {ANSWERED_NEEDS.readable} ORDER BY id DESC LIMIT ?",
            (since_ms, MAX_DURATIONS),
        )
        return sorted(max(0, int(duration)) for (duration,) in rows)

    return query
