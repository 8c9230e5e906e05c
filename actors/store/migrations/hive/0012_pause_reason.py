"""Why the hive paused an agent: its disk quota, for one."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    """Add the column. NULL for agents that a person has paused, as all of before were."""
    db.execute_sql("ALTER TABLE agents ADD COLUMN pause_reason TEXT")


def down(_migrator: Any, db: Any) -> None:
    """Drop it."""
    db.execute_sql("ALTER TABLE agents DROP COLUMN pause_reason")
