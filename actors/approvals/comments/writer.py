"""The queue's part of the comments: the one writer of both tables. Runs in the queue's greenlet."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from actors.approvals import queries
from actors.approvals.chain import Verdict
from actors.approvals.comments import table
from actors.approvals.comments.comment import CommentState, StoredComment, check_together
from actors.approvals.messages import AddComment, ChangeComment, MarkViewed
from actors.approvals.open_approvals import WRITE_SECONDS, OpenApprovals
from actors.events import emit
from actors.store import api as store
from actors.supervision import Directory
from harness.wire import names
from harness.wire.review.comments import LineComment


class CommentWriter:
    """Writes comments on approvals that wait, and gives a decision those that go with it.

    Emits the operator event `review` with the id and the agent of the approval.
    """

    def __init__(self, directory: Directory, approvals: OpenApprovals) -> None:
        self._directory = directory
        self._approvals = approvals

    def write(self, message: AddComment | ChangeComment | MarkViewed, now_ms: int) -> int | None:
        """Carry the request out; → the id of a new comment. `conflict` when the approval was decided."""
        match message:
            case AddComment(comment):
                return self._add(comment, now_ms)
            case ChangeComment(approval_id, comment_id, text):
                self._change(approval_id, comment_id, text)
            case MarkViewed(approval_id, content, viewed):
                self._write(approval_id, table.mark(approval_id, content, now_ms if viewed else None))
        return None

    def going_with(
        self, approval_id: int, new: Iterable[StoredComment], now_ms: int
    ) -> tuple[table.Unit, list[LineComment]]:
        """What a decision writes of the comments, and those that travel with it: the drafts and the new ones."""
        drafts = self._read(approval_id, CommentState.DRAFT)
        sent = [replace(one, state=CommentState.SENT, written_ms=now_ms) for one in new]
        check_together([*drafts, *sent])
        settle, add = table.send_drafts(approval_id), table.add(sent)

        def unit(connection: sqlite3.Connection) -> None:
            settle(connection)
            add(connection)

        return unit, [one.travels() for one in (*drafts, *sent)]

    def of_decision(self, approval_id: int) -> tuple[list[LineComment], str | None]:
        """The comments that went with the decision, and what was noted with an approval."""
        decision = store.read(self._directory, queries.decision_on(approval_id))
        approved = decision is not None and decision.verdict == Verdict.APPROVED
        sent = [one.travels() for one in self._read(approval_id, CommentState.SENT)]
        return sent, decision.note if decision is not None and approved else None

    def _add(self, new: StoredComment, now_ms: int) -> int:
        comment = replace(new, written_ms=now_ms)
        self._approvals.pending(comment.approval_id)
        check_together([*self._read(comment.approval_id, CommentState.DRAFT), comment])
        (number,) = self._write(comment.approval_id, table.add([comment]))
        return int(number)

    def _change(self, approval_id: int, comment_id: int, text: str | None) -> None:
        """Another text; None drops the comment."""
        self._approvals.pending(approval_id)
        found = store.read(self._directory, table.one(approval_id, comment_id))
        if text is not None:
            others = self._read(approval_id, CommentState.DRAFT)
            check_together([found, *(one for one in others if one.id != comment_id)])
        state = CommentState.DROPPED if text is None else CommentState.DRAFT
        self._write(approval_id, table.change(found, state, found.text if text is None else text))

    def _read(self, approval_id: int, state: CommentState) -> list[StoredComment]:
        return store.read(self._directory, table.of_approval(approval_id, state))

    def _write(self, approval_id: int, unit: table.Unit) -> Iterable[int]:
        approval = self._approvals.stored(approval_id)
        written: Iterable[int] = store.write(self._directory, unit).get(timeout=WRITE_SECONDS)
        emit(self._directory, "review", {"id": approval_id, "agent": names.broker_name(approval.agent)})
        return written
