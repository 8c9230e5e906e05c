"""Requests about the comments on a proposal, one function for each. Git is read in the greenlet of the request."""

from collections.abc import Iterable
from typing import Any

from actors.agent.repos import Applied
from actors.approvals import queries
from actors.approvals.approval import Approval
from actors.approvals.bases import Base, base_sha
from actors.approvals.comments import places, table
from actors.approvals.comments.comment import CommentState, StoredComment
from actors.approvals.context import ApprovalContext
from actors.approvals.messages import QUEUE, AddComment, ChangeComment, GetContext, MarkViewed
from actors.approvals.states import ApprovalStatus, already
from actors.store import api as store
from actors.supervision import Directory
from harness.wire.operator_api.comments import ApprovalNotesReply
from harness.wire.review.comments import CommentRow, NewComment
from harness.wire.times import from_ms
from harness.wire.visible import visible

ASK_SECONDS = 30.0
NOTES = "state/"
EARLIER = 50
"""Approvals of the agent among which the denied one before this is looked for."""


def add(directory: Directory, approval_id: int, base: str, comment: NewComment, *, by: str) -> StoredComment:
    """Keep a draft on a proposal that waits; → it, with its id."""
    (placed,) = placed_comments(directory, approval_id, [comment], base=base, by=by)
    number: int = directory.ask(QUEUE, AddComment(placed), timeout=ASK_SECONDS)
    return store.read(directory, table.one(approval_id, number))


def edit(directory: Directory, approval_id: int, comment_id: int, text: str | None) -> None:
    """Give a draft other words; None drops it."""
    directory.ask(QUEUE, ChangeComment(approval_id, comment_id, text), timeout=ASK_SECONDS)


def mark_viewed(directory: Directory, approval_id: int, content: str, *, viewed: bool) -> None:
    """Mark what differs in a file as viewed, or take the mark away."""
    directory.ask(QUEUE, MarkViewed(approval_id, content, viewed), timeout=ASK_SECONDS)


def placed_comments(
    directory: Directory, approval_id: int, comments: Iterable[NewComment], *, base: str, by: str
) -> tuple[StoredComment, ...]:
    """The comments with the lines that they are about, as drafts without id and time."""
    wanted = list(comments)
    if not wanted:
        return ()
    approval, sha, applied = _compared(directory, approval_id, base)
    if approval.status is not ApprovalStatus.PENDING:
        raise already(approval.id, approval.status)
    return tuple(_placed(one, approval, sha, applied, by) for one in wanted)


def _placed(comment: NewComment, approval: Approval, base: str | None, applied: Applied, by: str) -> StoredComment:
    source, path = _as_submitted(comment, approval, applied)
    sha = base if comment.side == "old" else approval.notes_sha if source == "notes" else approval.sha
    line = places.quoted(applied, sha, path, comment.line)
    return StoredComment(
        id=0,
        approval_id=approval.id,
        state=CommentState.DRAFT,
        source=source,
        path=visible(path),
        side=comment.side,
        line=comment.line,
        quoted=line,
        text=comment.text,
        sha=sha or "",
        written_by=by,
        written_ms=0,
    )


def _as_submitted(comment: NewComment, approval: Approval, applied: Applied) -> tuple[str, str]:
    """Source and path; a terminal names a note of a new agent by where the agent finds it."""
    path = comment.path.removeprefix(NOTES)
    if path == comment.path or comment.source == "notes" or approval.notes_sha is None:
        return comment.source, comment.path
    known = {visible(entry.path) for entry in applied.entries(approval.sha)}
    return ("config", comment.path) if comment.path in known else ("notes", path)


def notes(directory: Directory, approval_id: int, base: str, decision: dict[str, Any] | None) -> ApprovalNotesReply:
    """The comments, where their lines are now; the viewed files; `decision` is handed on."""
    approval, sha, applied = _compared(directory, approval_id, base)
    own = store.read(directory, table.of_approval(approval_id, CommentState.DRAFT, CommentState.SENT))
    return ApprovalNotesReply(
        comments=_shown(own, approval, sha, applied),
        earlier=_shown(_earlier(directory, approval), approval, sha, applied),
        viewed=store.read(directory, table.viewed(approval_id)),
        decision=decision,
    )


def _earlier(directory: Directory, approval: Approval) -> list[StoredComment]:
    """The comments that went with the denial of the proposal before this one."""
    others = store.read(directory, queries.of_agent(approval.agent, EARLIER))
    before = next((one for one in others if one.id < approval.id and one.status is not ApprovalStatus.CANCELLED), None)
    if before is None or before.status is not ApprovalStatus.DENIED:
        return []
    return store.read(directory, table.of_approval(before.id, CommentState.SENT))


def _shown(comments: list[StoredComment], approval: Approval, base: str | None, applied: Applied) -> list[CommentRow]:
    changes: dict[tuple[str, str], dict[str, tuple[str, tuple[str, ...]]]] = {}
    found = []
    for one in comments:
        now = base if one.side == "old" else approval.notes_sha if one.source == "notes" else approval.sha
        path, line, outdated = one.path, one.line, False
        if one.sha != now:
            if now is None or not (applied.holds(one.sha) and applied.holds(now)):
                outdated = True
            else:
                key = (one.sha, now)
                changes.setdefault(key, places.moves(applied, *key))
                path, changed = changes[key].get(one.path, (one.path, ()))
                moved = None if line is None else places.moved(changed, line)
                outdated = line is not None and moved is None
                line = line if outdated else moved
        found.append(_row(one, path, line, outdated=outdated))
    return found


def _row(one: StoredComment, path: str, line: int | None, *, outdated: bool) -> CommentRow:
    return CommentRow(
        id=one.id,
        approval_id=one.approval_id,
        state=one.state.value,
        source=one.source,
        path=path,
        side=one.side,
        line=line,
        quoted=one.quoted,
        text=visible(one.text),
        written_by=one.written_by,
        written_at=from_ms(one.written_ms),
        outdated=outdated,
    )


def _compared(directory: Directory, approval_id: int, base: str) -> tuple[Approval, str | None, Applied]:
    """The approval, the commit to compare it with, and the repository of its agent."""
    approval = store.read(directory, queries.one(approval_id))
    others = store.read(directory, queries.of_agent(approval.agent))
    context: ApprovalContext = directory.ask(QUEUE, GetContext(), timeout=ASK_SECONDS)
    applied = context.repositories.applied(approval.agent)
    return approval, base_sha(Base(base), approval, applied.in_force(), others), applied
