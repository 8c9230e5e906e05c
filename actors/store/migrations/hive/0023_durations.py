"""Reminders and questions that end after a duration: how long it is, and its end in the running time of which boot."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

TABLES = ("reminders", "questions")
COLUMNS = (("duration_ms", "INTEGER"), ("running_ms", "INTEGER"), ("boot", "TEXT"))


def up(_migrator: Any, db: Any) -> None:
    """Add the columns. What is in the tables goes on by the wall clock, as it was promised."""
    for table in TABLES:
        for name, kind in COLUMNS:
            db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")


def down(_migrator: Any, db: Any) -> None:
    """Drop them."""
    for table in TABLES:
        for name, _kind in COLUMNS:
            db.execute_sql(f"ALTER TABLE {table} DROP COLUMN {name}")
