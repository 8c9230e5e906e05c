"""Until when an agent waits for its account's usage limit."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    """Add the column."""
    db.execute_sql("ALTER TABLE agents ADD COLUMN rests_until INTEGER")


def down(_migrator: Any, db: Any) -> None:
    """Drop it."""
    db.execute_sql("ALTER TABLE agents DROP COLUMN rests_until")
