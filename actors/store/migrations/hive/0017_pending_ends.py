"""The order to end an agent's container that waits for its running turn, and when it was given."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    """Add the columns. NULL: no end is pending."""
    db.execute_sql("ALTER TABLE agents ADD COLUMN ending TEXT")
    db.execute_sql("ALTER TABLE agents ADD COLUMN ending_since INTEGER")


def down(_migrator: Any, db: Any) -> None:
    """Drop them."""
    db.execute_sql("ALTER TABLE agents DROP COLUMN ending")
    db.execute_sql("ALTER TABLE agents DROP COLUMN ending_since")
