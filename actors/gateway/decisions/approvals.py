"""Verbs on approvals: what waits, what it changes, yes or no; proposals of the operator's own."""

from actors.approvals import api as approvals
from actors.approvals.submission import undo as undoing
from actors.approvals.submission.edits import Edits
from actors.approvals.submission.proposals import Submission
from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.routes import Route, route
from harness.wire import names
from harness.wire.agent_api.proposals import (
    ApprovalReply,
    DraftReply,
    RequestApplyCommit,
    RequestSpawn,
    RequestSpawnCommit,
    RequestSpawnDraft,
    Withdraw,
)
from harness.wire.errors import forbidden
from harness.wire.model import Done
from harness.wire.operator_api import approvals as wire
from harness.wire.operator_api.replies import DiffReply, RowsReply
from harness.wire.operator_api.requests import ByName, Plain
from harness.wire.review import ApprovalPart, ApprovalReview, Approve, ApproveReply, PartReply, ReviewReply


def pending(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.ApprovalsReply:
    return wire.ApprovalsReply(approvals=approvals.rows(context.directory))


def approve(context: OperatorContext, request: Approve, connection: Connection) -> ApproveReply:
    behind = approvals.approve(
        context.directory,
        request.id,
        by=decided_by(connection, request.session),
        sha=request.sha,
        base_sha=request.base_sha,
        accepts=request.accepts,
        undoes=request.undoes,
        note=request.note,
        comments=request.comments,
    )
    return ApproveReply(behind=behind)


def deny(context: OperatorContext, request: wire.Deny, connection: Connection) -> Done:
    approvals.deny(
        context.directory,
        request.id,
        request.note,
        by=decided_by(connection, request.session),
        comments=request.comments,
    )
    return Done()


def approval_diff(context: OperatorContext, request: wire.ApprovalDiff, _connection: Connection) -> DiffReply:
    return approvals.diff(context.directory, request.id, request.base)


def approval_review(context: OperatorContext, request: ApprovalReview, _connection: Connection) -> ReviewReply:
    return approvals.review(context.directory, request.id, request.base)


def approval_part(context: OperatorContext, request: ApprovalPart, _connection: Connection) -> PartReply:
    return approvals.part(context.directory, request.id, request.base, request.part, request.offset)


def request_spawn(context: OperatorContext, request: RequestSpawn, _connection: Connection) -> ApprovalReply:
    return _submission(context).spawn(request.name, request.description)


def request_spawn_draft(context: OperatorContext, request: RequestSpawnDraft, _connection: Connection) -> DraftReply:
    return _submission(context).draft(request.name)


def request_spawn_commit(
    context: OperatorContext, request: RequestSpawnCommit, _connection: Connection
) -> ApprovalReply:
    return _submission(context).spawn_commit(request.name, request.commit_ref, request.description)


def request_apply_commit(
    context: OperatorContext, request: RequestApplyCommit, _connection: Connection
) -> ApprovalReply:
    return _submission(context).apply_commit(request.agent, request.commit_ref, request.description)


def request_edit(context: OperatorContext, request: wire.RequestEdit, _connection: Connection) -> ApprovalReply:
    return _edits(context).edit(request.name, request.base_sha, request.files, request.description)


def request_revert(context: OperatorContext, request: wire.RequestRevert, _connection: Connection) -> ApprovalReply:
    return _edits(context).revert(request.id, request.description)


def request_again(context: OperatorContext, request: wire.RequestAgain, _connection: Connection) -> ApprovalReply:
    return _edits(context).again(request.id)


def undo_preview(context: OperatorContext, request: wire.UndoPreview, _connection: Connection) -> wire.UndoPreviewReply:
    return undoing.preview(context.directory, request.id, clock=context.clock)


def undo(context: OperatorContext, request: wire.Undo, connection: Connection) -> wire.UndoReply:
    return undoing.undo(
        context.directory,
        request.id,
        request.base_sha,
        request.description,
        by=decided_by(connection, request.session),
        clock=context.clock,
    )


def withdraw(context: OperatorContext, request: Withdraw, _connection: Connection) -> wire.WithdrawReply:
    return wire.WithdrawReply(effect=_submission(context).withdraw(request.id))


def discard_draft(context: OperatorContext, request: ByName, _connection: Connection) -> Done:
    _submission(context).discard(request.name)
    return Done()


def revive(context: OperatorContext, request: ByName, _connection: Connection) -> ApprovalReply:
    if names.container_name(request.name) == names.MANAGER_CONTAINER:
        raise forbidden("the manager is never destroyed", "`hive start manager` starts it")
    return _submission(context).revive(request.name)


def drafts(context: OperatorContext, _request: Plain, _connection: Connection) -> RowsReply:
    return RowsReply(rows=approvals.drafts(context.directory))


def decisions(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.DecisionsReply:
    """The log, and whether it is whole: `broken_at` and `reason` of the first row that is not, else null."""
    broken = approvals.verify(context.directory)
    return wire.DecisionsReply(
        decisions=approvals.decisions(context.directory),
        broken_at=None if broken is None else broken.id,
        reason=None if broken is None else broken.reason,
    )


def _submission(context: OperatorContext) -> Submission:
    return approvals.submission(context.directory, by=names.OPERATOR, clock=context.clock)


def _edits(context: OperatorContext) -> Edits:
    return approvals.edits(context.directory, by=names.OPERATOR, clock=context.clock)


def decided_by(connection: Connection, session: int | None = None) -> str:
    """The operator, and as which user of the machine: the socket knows no more. `session`: as the web process says."""
    where = "" if session is None else f", session {session}"
    return f"{names.OPERATOR} (uid {connection.uid}{where})"


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.PENDING, pending),
    route(wire.APPROVE, approve),
    route(wire.DENY, deny),
    route(wire.APPROVAL_REVIEW, approval_review),
    route(wire.APPROVAL_PART, approval_part),
    route(wire.APPROVAL_DIFF, approval_diff),
    route(wire.REQUEST_SPAWN, request_spawn),
    route(wire.REQUEST_SPAWN_DRAFT, request_spawn_draft),
    route(wire.REQUEST_SPAWN_COMMIT, request_spawn_commit),
    route(wire.REQUEST_APPLY_COMMIT, request_apply_commit),
    route(wire.REQUEST_EDIT, request_edit),
    route(wire.REQUEST_REVERT, request_revert),
    route(wire.REQUEST_AGAIN, request_again),
    route(wire.UNDO_PREVIEW, undo_preview),
    route(wire.UNDO, undo),
    route(wire.WITHDRAW, withdraw),
    route(wire.DISCARD_DRAFT, discard_draft),
    route(wire.REVIVE, revive),
    route(wire.DRAFTS, drafts),
    route(wire.DECISIONS, decisions),
)
