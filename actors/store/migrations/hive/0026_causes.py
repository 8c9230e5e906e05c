"""What caused each row, the turns of the agents with the messages they were given, and the thread of each reply."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_CAUSED = ("messages", "questions", "reminders", "approvals")


def up(_migrator: Any, db: Any) -> None:
    """Add columns and tables. Rows of older versions have no cause; their threads follow from `in_reply_to`."""
    for table in _CAUSED:
        db.execute_sql(f"ALTER TABLE {table} ADD COLUMN cause TEXT")
        db.execute_sql(f"CREATE INDEX {table}_cause ON {table} (cause) WHERE cause IS NOT NULL")
    db.execute_sql("ALTER TABLE messages ADD COLUMN thread INTEGER")
    _find_threads(db)
    db.execute_sql("CREATE INDEX messages_thread ON messages (thread) WHERE thread IS NOT NULL")
    db.execute_sql(
        """
        CREATE TABLE agent_turns (
            agent TEXT NOT NULL,
            number INTEGER NOT NULL,
            began_at INTEGER NOT NULL,
            settled_at INTEGER,
            PRIMARY KEY (agent, number)
        ) STRICT, WITHOUT ROWID
        """
    )
    db.execute_sql("CREATE INDEX agent_turns_began ON agent_turns (began_at)")
    db.execute_sql(
        """
        CREATE TABLE turn_messages (
            agent TEXT NOT NULL,
            number INTEGER NOT NULL,
            message_id INTEGER NOT NULL,
            PRIMARY KEY (agent, number, message_id)
        ) STRICT, WITHOUT ROWID
        """
    )
    db.execute_sql("CREATE INDEX turn_messages_message ON turn_messages (message_id)")


def _find_threads(db: Any) -> None:
    """The root of each chain of replies. A reply always has a higher id than what it replies to."""
    roots: dict[int, int] = {}
    replies = "SELECT id, in_reply_to FROM messages WHERE in_reply_to IS NOT NULL AND in_reply_to < id ORDER BY id"
    for number, parent in db.execute_sql(replies).fetchall():
        roots[number] = roots.get(parent, parent)
        db.execute_sql("UPDATE messages SET thread = ? WHERE id = ?", (roots[number], number))


def down(_migrator: Any, db: Any) -> None:
    """Take them away."""
    for table in ("agent_turns", "turn_messages"):
        db.execute_sql(f"DROP TABLE {table}")
    db.execute_sql("DROP INDEX messages_thread")
    db.execute_sql("ALTER TABLE messages DROP COLUMN thread")
    for table in _CAUSED:
        db.execute_sql(f"DROP INDEX {table}_cause")
        db.execute_sql(f"ALTER TABLE {table} DROP COLUMN cause")
