"""The commit with the notes of an agent to be, as they were when it was proposed."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    """Add the column. NULL for proposals of before: nothing was taken of them, and nothing is deployed."""
    db.execute_sql("ALTER TABLE approvals ADD COLUMN notes_sha TEXT")


def down(_migrator: Any, db: Any) -> None:
    """Drop it."""
    db.execute_sql("ALTER TABLE approvals DROP COLUMN notes_sha")
