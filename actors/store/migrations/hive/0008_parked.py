"""Why and when an agent was parked is two columns, and no longer the first word of a note."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_UP = (
    "ALTER TABLE agents ADD COLUMN parked_reason TEXT",
    "ALTER TABLE agents ADD COLUMN parked_at INTEGER",
    "UPDATE agents SET parked_reason = trim(substr(note, 8)), parked_at = changed_at WHERE note LIKE 'parked:%'",
    "UPDATE agents SET note = NULL WHERE parked_at IS NOT NULL",
    "ALTER TABLE agents RENAME COLUMN note TO start_error",
    "ALTER TABLE agents RENAME COLUMN rests_until TO rate_limited_until",
)

_DOWN = (
    "ALTER TABLE agents RENAME COLUMN rate_limited_until TO rests_until",
    "ALTER TABLE agents RENAME COLUMN start_error TO note",
    "UPDATE agents SET note = 'parked: ' || parked_reason WHERE parked_at IS NOT NULL",
    "ALTER TABLE agents DROP COLUMN parked_at",
    "ALTER TABLE agents DROP COLUMN parked_reason",
)


def up(_migrator: Any, db: Any) -> None:
    """Split the note."""
    for statement in _UP:
        db.execute_sql(statement)


def down(_migrator: Any, db: Any) -> None:
    """Put the note together again."""
    for statement in _DOWN:
        db.execute_sql(statement)
