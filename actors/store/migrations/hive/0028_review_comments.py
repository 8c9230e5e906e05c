"""Comments on the lines of a proposal, and the files of it that were viewed."""
# ruff: noqa: N999 — the number orders the scripts

from typing import Any

_STATEMENTS = (
    """
    CREATE TABLE review_comments (
        id INTEGER NOT NULL PRIMARY KEY,
        approval_id INTEGER NOT NULL,
        state TEXT NOT NULL,
        source TEXT NOT NULL,
        path TEXT NOT NULL,
        side TEXT NOT NULL,
        line INTEGER,
        quoted TEXT NOT NULL,
        text TEXT NOT NULL,
        sha TEXT NOT NULL,
        written_by TEXT NOT NULL,
        written_at INTEGER NOT NULL
    ) STRICT
    """,
    "CREATE INDEX review_comments_approval ON review_comments (approval_id, id)",
    """
    CREATE TABLE viewed_files (
        approval_id INTEGER NOT NULL,
        content TEXT NOT NULL,
        viewed_at INTEGER NOT NULL,
        PRIMARY KEY (approval_id, content)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX decisions_approval ON decisions (approval_id)",
)


def up(_migrator: Any, db: Any) -> None:
    """Create the tables, and the way from an approval to its decision."""
    for statement in _STATEMENTS:
        db.execute_sql(statement)


def down(_migrator: Any, db: Any) -> None:
    """Drop them."""
    db.execute_sql("DROP INDEX decisions_approval")
    db.execute_sql("DROP TABLE viewed_files")
    db.execute_sql("DROP TABLE review_comments")
