"""Who has written to whom, also from the side of the sender: an agent's mail is found however much others write."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    """Create the index."""
    db.execute_sql("CREATE INDEX messages_sender ON messages (sender)")


def down(_migrator: Any, db: Any) -> None:
    """Drop it."""
    db.execute_sql("DROP INDEX messages_sender")
