"""A name has one owner after another: each is a generation, and mail that an owner never got says so."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_UP = (
    """
    CREATE TABLE generations (
        name TEXT NOT NULL,
        number INTEGER NOT NULL,
        first_message_id INTEGER NOT NULL,
        began_at INTEGER NOT NULL,
        ended_at INTEGER,
        PRIMARY KEY (name, number)
    ) STRICT, WITHOUT ROWID
    """,
    # Who came before the first generation that is known cannot be told apart: all mail of a name belongs to it.
    """
    INSERT INTO generations (name, number, first_message_id, began_at)
    SELECT DISTINCT name, 1, 0, 0 FROM (
        SELECT name FROM addressees
        UNION SELECT CASE name WHEN 'hm1nd' THEN 'manager' ELSE name END FROM agents
        UNION SELECT name FROM peers
        UNION SELECT recipient FROM messages
    ) WHERE name <> 'operator'
    """,
    "ALTER TABLE messages ADD COLUMN undelivered INTEGER NOT NULL DEFAULT 0",
    # Partial, so that it costs nothing where mail arrives.
    "CREATE INDEX messages_undelivered ON messages (id) WHERE undelivered = 1",
)

_DOWN = (
    "DROP INDEX messages_undelivered",
    "ALTER TABLE messages DROP COLUMN undelivered",
    "DROP TABLE generations",
)


def up(_migrator: Any, db: Any) -> None:
    """Begin a generation for every name that has had mail, or may get some."""
    for statement in _UP:
        db.execute_sql(statement)


def down(_migrator: Any, db: Any) -> None:
    """Forget the generations: a name is its owner again."""
    for statement in _DOWN:
        db.execute_sql(statement)
