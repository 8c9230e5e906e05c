"""Whose a peer's socket is and what it says of itself; whether an agent lacks its login."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_COLUMNS = (
    ("peers", "uid INTEGER"),
    ("peers", "status_text TEXT"),
    ("peers", "status_set_at INTEGER"),
    # NULL: never seen. What was told of it is told in the transaction that changes it.
    ("agents", "needs_login INTEGER"),
)


def up(_migrator: Any, db: Any) -> None:
    """Add the columns."""
    for table, column in _COLUMNS:
        db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {column}")


def down(_migrator: Any, db: Any) -> None:
    """Drop them."""
    for table, column in _COLUMNS:
        db.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}")
