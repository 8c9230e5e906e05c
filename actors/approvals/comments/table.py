"""The SQL of the comments and of the marks of viewed files. The queue writes both."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import astuple
from typing import Any, Final

from actors.approvals.comments.comment import CommentState, StoredComment, check_advance
from actors.store.stored_table import COUNT, ID, TEXT, TIME, StoredTable, one_of, optional
from harness.wire.errors import conflict, not_found
from harness.wire.limits import MAX_VIEWED

Unit = Callable[[sqlite3.Connection], Any]

_COLUMNS: Final = (
    "id", "approval_id", "state", "source", "path", "side", "line", "quoted", "text", "sha", "written_by", "written_at",
)  # fmt: skip
COMMENTS: Final = StoredTable(
    "review_comments",
    ("id",),
    {
        "id": ID, "approval_id": ID, "state": one_of(CommentState), "source": one_of(("config", "notes")), "path": TEXT,
        "side": one_of(("new", "old")), "line": optional(COUNT), "quoted": TEXT, "text": TEXT, "sha": TEXT,
        "written_by": TEXT, "written_at": TIME,
    },
)  # fmt: skip
VIEWED: Final = StoredTable(
    "viewed_files", ("approval_id", "content"), {"approval_id": ID, "content": TEXT, "viewed_at": TIME}
)
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM review_comments WHERE {COMMENTS.readable} AND "  # noqa: S608 — names of columns
_NEXT_ID: Final = f"SELECT COALESCE(MAX(id), 0) + 1 FROM review_comments WHERE {ID.holds('id')}"  # noqa: S608 — as above


def of_approval(approval_id: int, *states: CommentState) -> Callable[[sqlite3.Connection], list[StoredComment]]:
    """The comments of an approval in these states, oldest first."""
    marks = ", ".join("?" * len(states))
    return lambda connection: _rows(
        connection, f"approval_id = ? AND state IN ({marks}) ORDER BY id", (approval_id, *states)
    )


def one(approval_id: int, comment_id: int) -> Callable[[sqlite3.Connection], StoredComment]:
    """That comment of that approval. Raises `not_found`."""

    def read(connection: sqlite3.Connection) -> StoredComment:
        found = _rows(connection, "id = ? AND approval_id = ?", (comment_id, approval_id))
        if not found or found[0].state is CommentState.DROPPED:
            raise not_found(f"comment {comment_id} on approval {approval_id}", f"`hive diff {approval_id}` shows them")
        return found[0]

    return read


def add(comments: Iterable[StoredComment]) -> Unit:
    """Store new comments, in their order; → the ids that they are given, which are never used again."""

    def unit(connection: sqlite3.Connection) -> list[int]:
        (first,) = connection.execute(_NEXT_ID).fetchone()
        rows = [(first + offset, *astuple(comment)[1:]) for offset, comment in enumerate(comments)]
        marks = ", ".join("?" * len(_COLUMNS))
        connection.executemany(f"INSERT INTO review_comments ({', '.join(_COLUMNS)}) VALUES ({marks})", rows)  # noqa: S608 — as above
        return [row[0] for row in rows]

    return unit


def change(comment: StoredComment, state: CommentState, text: str) -> Unit:
    """Give a comment another text or state."""
    check_advance(comment, state)
    text_of = "UPDATE review_comments SET state = ?, text = ? WHERE id = ?"
    return lambda connection: connection.execute(text_of, (state.value, text, comment.id))


def send_drafts(approval_id: int) -> Unit:
    """Make every draft on this approval part of its decision."""
    text = "UPDATE review_comments SET state = ? WHERE approval_id = ? AND state = ?"
    values = (CommentState.SENT.value, approval_id, CommentState.DRAFT.value)
    return lambda connection: connection.execute(text, values)


def viewed(approval_id: int) -> Callable[[sqlite3.Connection], list[str]]:
    """The contents that are marked as viewed."""
    text = f"SELECT content FROM viewed_files WHERE {VIEWED.readable} AND approval_id = ? ORDER BY content"  # noqa: S608 — as above
    return lambda connection: [row[0] for row in connection.execute(text, (approval_id,))]


def mark(approval_id: int, content: str, at_ms: int | None) -> Unit:
    """Mark a content as viewed at that moment; None takes the mark away."""

    def unit(connection: sqlite3.Connection) -> None:
        if at_ms is None:
            connection.execute("DELETE FROM viewed_files WHERE approval_id = ? AND content = ?", (approval_id, content))
            return
        (count,) = connection.execute(
            "SELECT COUNT(*) FROM viewed_files WHERE approval_id = ?", (approval_id,)
        ).fetchone()
        if count >= MAX_VIEWED:
            raise conflict(f"approval {approval_id} has {count} marks already", "take marks away first")
        connection.execute("INSERT OR REPLACE INTO viewed_files VALUES (?, ?, ?)", (approval_id, content, at_ms))

    return unit


def _rows(connection: sqlite3.Connection, where: str, values: Iterable[Any]) -> list[StoredComment]:
    found = connection.execute(_SELECT + where, tuple(values))
    return [StoredComment(row[0], row[1], CommentState(row[2]), *row[3:]) for row in found]
