"""Messages, the addressees, the agents and the peers."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_TABLES = (
    """
    CREATE TABLE messages (
        id INTEGER NOT NULL PRIMARY KEY,
        sender TEXT NOT NULL,
        recipient TEXT NOT NULL,
        -- Before the body: a starting broker reads it without reading bodies.
        size INTEGER NOT NULL,
        body TEXT NOT NULL,
        kind TEXT NOT NULL,
        sent_at INTEGER NOT NULL,
        in_reply_to INTEGER,
        broadcast INTEGER NOT NULL DEFAULT 0,
        leased_at INTEGER,
        redelivered INTEGER NOT NULL DEFAULT 0,
        acked_at INTEGER
    ) STRICT
    """,
    # The inbox of one recipient by id, whatever the state: the row's id is part of every index.
    "CREATE INDEX messages_recipient ON messages (recipient)",
    # What a starting broker reads. Partial, so that it stays as small as what is still to be done.
    "CREATE INDEX messages_unacked ON messages (id) WHERE acked_at IS NULL",
    """
    CREATE TABLE addressees (
        name TEXT NOT NULL PRIMARY KEY,
        role TEXT NOT NULL,
        allowed_recipients TEXT,
        registered_at INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE agents (
        name TEXT NOT NULL PRIMARY KEY,
        role TEXT NOT NULL,
        desired TEXT NOT NULL,
        paused INTEGER NOT NULL DEFAULT 0,
        deployed_sha TEXT,
        note TEXT,
        model TEXT,
        status_text TEXT,
        status_set_at INTEGER,
        created_at INTEGER NOT NULL,
        changed_at INTEGER NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE peers (
        name TEXT NOT NULL PRIMARY KEY,
        created_at INTEGER NOT NULL
    ) STRICT
    """,
)


def up(_migrator: Any, db: Any) -> None:
    """Create the tables."""
    for statement in _TABLES:
        db.execute_sql(statement)
