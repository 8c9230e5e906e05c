"""The number of each turn, by which its agent's messages, questions, reminders and approvals name it as their cause."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    """Add the column; turns of older versions have no number."""
    db.execute_sql("ALTER TABLE turns ADD COLUMN number INTEGER")
    db.execute_sql("CREATE INDEX turns_number ON turns (agent, number) WHERE number IS NOT NULL")


def down(_migrator: Any, db: Any) -> None:
    """Take it away."""
    db.execute_sql("DROP INDEX turns_number")
    db.execute_sql("ALTER TABLE turns DROP COLUMN number")
