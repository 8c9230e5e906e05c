"""The uid and the status of each peer; whether an agent needs a login."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_COLUMNS = (
    ("peers", "uid INTEGER"),
    ("peers", "status_text TEXT"),
    ("peers", "status_set_at INTEGER"),
    # NULL: not known yet. The transaction that changes it also writes the message about it.
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
