"""Suspended agents and peers, and the requests over which something crashed."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_UP = (
    """
    CREATE TABLE suspensions (
        name TEXT NOT NULL PRIMARY KEY,
        at INTEGER NOT NULL,
        reason TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE kept_requests (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        reason TEXT NOT NULL,
        cmd TEXT NOT NULL,
        request TEXT NOT NULL,
        size INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX kept_requests_of ON kept_requests (name, id)",
)


def up(_migrator: Any, db: Any) -> None:
    """Make the tables."""
    for statement in _UP:
        db.execute_sql(statement)


def down(_migrator: Any, db: Any) -> None:
    """Drop them: no agent is suspended any more."""
    for table in ("kept_requests", "suspensions"):
        db.execute_sql(f"DROP TABLE {table}")
