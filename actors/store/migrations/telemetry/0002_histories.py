"""Where the history of the present owner of a name begins."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    """Create the table. An agent without a row owns all that is kept under its name."""
    db.execute_sql(
        """
        CREATE TABLE histories (
            agent TEXT NOT NULL PRIMARY KEY,
            first_event INTEGER NOT NULL,
            first_turn INTEGER NOT NULL
        ) STRICT
        """
    )


def down(_migrator: Any, db: Any) -> None:
    """Drop it."""
    db.execute_sql("DROP TABLE histories")
