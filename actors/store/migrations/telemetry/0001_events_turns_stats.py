"""Live events, turns and the series of points."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_TABLES = (
    """
    CREATE TABLE events (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        agent TEXT NOT NULL,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        known INTEGER NOT NULL,
        payload TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX events_agent ON events (agent)",
    """
    CREATE TABLE turns (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        agent TEXT NOT NULL,
        ended_at INTEGER NOT NULL,
        duration_ms INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        cost_usd REAL,
        stats TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX turns_agent ON turns (agent)",
    """
    CREATE TABLE stats (
        agent TEXT NOT NULL,
        ts INTEGER NOT NULL,
        key TEXT NOT NULL,
        value REAL NOT NULL,
        PRIMARY KEY (agent, key, ts)
    ) STRICT, WITHOUT ROWID
    """,
)


def up(_migrator: Any, db: Any) -> None:
    """Create the tables."""
    for statement in _TABLES:
        db.execute_sql(statement)
