"""Whether a question with options also takes an answer in other words."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    """Add the column: 1 for the questions of before, which took any answer."""
    db.execute_sql("ALTER TABLE questions ADD COLUMN free_text INTEGER NOT NULL DEFAULT 1")


def down(_migrator: Any, db: Any) -> None:
    """Drop it."""
    db.execute_sql("ALTER TABLE questions DROP COLUMN free_text")
