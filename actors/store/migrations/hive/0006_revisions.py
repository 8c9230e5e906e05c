"""The revision that an agent's container was started with, and the newer one that the manager was told of."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_COLUMNS = ("revision", "told_revision")


def up(_migrator: Any, db: Any) -> None:
    """Add the columns. NULL for containers that run already: their revision is not known."""
    for column in _COLUMNS:
        db.execute_sql(f"ALTER TABLE agents ADD COLUMN {column} TEXT")


def down(_migrator: Any, db: Any) -> None:
    """Drop them."""
    for column in _COLUMNS:
        db.execute_sql(f"ALTER TABLE agents DROP COLUMN {column}")
