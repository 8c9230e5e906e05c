"""Which configuration of an agent was seen to work: Claude was opened with it once."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    """Add the column. What is in force already has worked, as far as anybody knows: it is not checked anew."""
    db.execute_sql("ALTER TABLE agents ADD COLUMN checked_sha TEXT")
    db.execute_sql("UPDATE agents SET checked_sha = deployed_sha")


def down(_migrator: Any, db: Any) -> None:
    """Drop it."""
    db.execute_sql("ALTER TABLE agents DROP COLUMN checked_sha")
