"""The sessions of the dashboard and its host name."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_UP = (
    """
    CREATE TABLE sessions (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        digest TEXT NOT NULL UNIQUE,
        opened_at INTEGER NOT NULL,
        seen_at INTEGER NOT NULL,
        ends_at INTEGER NOT NULL,
        address TEXT NOT NULL,
        user_agent TEXT NOT NULL
    ) STRICT
    """,
    "CREATE TABLE site_name (name TEXT NOT NULL PRIMARY KEY) STRICT",
)


def up(_migrator: Any, db: Any) -> None:
    """Make the tables."""
    for statement in _UP:
        db.execute_sql(statement)


def down(_migrator: Any, db: Any) -> None:
    """Drop them: every browser has to log in again."""
    for table in ("sessions", "site_name"):
        db.execute_sql(f"DROP TABLE {table}")
