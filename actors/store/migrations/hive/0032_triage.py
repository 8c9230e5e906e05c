"""What the operator has put off, and how long what needed the operator waited for its decision."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_UP = (
    """
    CREATE TABLE snoozes (
        key TEXT NOT NULL PRIMARY KEY,
        mark TEXT NOT NULL,
        at INTEGER NOT NULL,
        until_at INTEGER
    ) STRICT
    """,
    """
    CREATE TABLE answered_needs (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL,
        kind TEXT NOT NULL,
        agent TEXT NOT NULL,
        verb TEXT NOT NULL,
        needed_at INTEGER NOT NULL,
        decided_at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX answered_needs_at ON answered_needs (decided_at)",
)


def up(_migrator: Any, db: Any) -> None:
    """Make the tables."""
    for statement in _UP:
        db.execute_sql(statement)


def down(_migrator: Any, db: Any) -> None:
    """Drop them: nothing is put off any more."""
    for table in ("answered_needs", "snoozes"):
        db.execute_sql(f"DROP TABLE {table}")
