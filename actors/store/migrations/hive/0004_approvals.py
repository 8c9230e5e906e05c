"""Approvals, how far each is carried out, and the log of decisions."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_TABLES = (
    """
    CREATE TABLE approvals (
        id INTEGER NOT NULL PRIMARY KEY,
        agent TEXT NOT NULL,
        kind TEXT NOT NULL,
        status TEXT NOT NULL,
        step TEXT NOT NULL,
        requested_at INTEGER NOT NULL,
        requested_by TEXT NOT NULL,
        commit_ref TEXT NOT NULL,
        sha TEXT NOT NULL,
        description TEXT,
        resolved_at INTEGER,
        note TEXT,
        tag TEXT,
        tries INTEGER NOT NULL DEFAULT 0,
        base_sha TEXT,
        existed INTEGER
    ) STRICT
    """,
    "CREATE INDEX approvals_agent ON approvals (agent, id)",
    # What a starting queue reads: what is pending or under way. Partial, so that it stays as small as that.
    "CREATE INDEX approvals_open ON approvals (id) WHERE step NOT IN ('finalized', 'failed', 'closed')",
    """
    CREATE TABLE decisions (
        id INTEGER NOT NULL PRIMARY KEY,
        at INTEGER NOT NULL,
        approval_id INTEGER NOT NULL,
        agent TEXT NOT NULL,
        kind TEXT NOT NULL,
        verdict TEXT NOT NULL,
        sha TEXT,
        decided_by TEXT NOT NULL,
        note TEXT,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT
    """,
)


def up(_migrator: Any, db: Any) -> None:
    """Create the tables."""
    for statement in _TABLES:
        db.execute_sql(statement)


def down(_migrator: Any, db: Any) -> None:
    """Drop them."""
    db.execute_sql("DROP TABLE approvals")
    db.execute_sql("DROP TABLE decisions")
