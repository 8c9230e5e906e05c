"""Questions with their deadlines, and reminders."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_TABLES = (
    """
    CREATE TABLE questions (
        id INTEGER NOT NULL PRIMARY KEY,
        asker TEXT NOT NULL,
        target TEXT NOT NULL,
        question TEXT NOT NULL,
        options TEXT NOT NULL,
        multi INTEGER NOT NULL DEFAULT 0,
        asked_at INTEGER NOT NULL,
        deadline_at INTEGER,
        status TEXT NOT NULL,
        answer TEXT,
        answerer TEXT,
        resolved_at INTEGER
    ) STRICT
    """,
    "CREATE INDEX questions_pending ON questions (id) WHERE status = 'pending'",
    """
    CREATE TABLE reminders (
        id INTEGER NOT NULL PRIMARY KEY,
        agent TEXT NOT NULL,
        message TEXT NOT NULL,
        file_path TEXT,
        due_at INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        sent_at INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0,
        last_error TEXT
    ) STRICT
    """,
    "CREATE INDEX reminders_pending ON reminders (due_at, id) WHERE sent_at IS NULL",
    "CREATE INDEX reminders_agent ON reminders (agent, sent_at)",
)


def up(_migrator: Any, db: Any) -> None:
    """Create the tables."""
    for statement in _TABLES:
        db.execute_sql(statement)


def down(_migrator: Any, db: Any) -> None:
    """Drop them."""
    db.execute_sql("DROP TABLE questions")
    db.execute_sql("DROP TABLE reminders")
