"""With which revision an agent's container was started, and of which newer one the manager was told."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_COLUMNS = ("revision", "told_revision")


def up(_migrator: Any, db: Any) -> None:
    """Add the columns. Of the containers that run already nothing is known: NULL."""
    for column in _COLUMNS:
        db.execute_sql(f"ALTER TABLE agents ADD COLUMN {column} TEXT")


def down(_migrator: Any, db: Any) -> None:
    """Drop them."""
    for column in _COLUMNS:
        db.execute_sql(f"ALTER TABLE agents DROP COLUMN {column}")
