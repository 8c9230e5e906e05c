"""Messages whose turns failed, and among them the dead letters."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    """Create the table."""
    db.execute_sql(
        """
        CREATE TABLE failed_messages (
            id INTEGER NOT NULL PRIMARY KEY,
            attempts INTEGER NOT NULL,
            outages INTEGER NOT NULL,
            reason TEXT NOT NULL,
            failing_since INTEGER NOT NULL,
            failed_at INTEGER NOT NULL,
            set_aside_at INTEGER
        ) STRICT
        """
    )


def down(_migrator: Any, db: Any) -> None:
    """Drop it."""
    db.execute_sql("DROP TABLE failed_messages")
