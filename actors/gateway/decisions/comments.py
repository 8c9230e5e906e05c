"""Verbs on what is noted of an approval: comments on lines, marks of viewed files."""

from actors.approvals import api as approvals
from actors.approvals.comments import api as comments
from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.gateway.decisions.approvals import decided_by
from actors.routes import Route, route
from harness.wire.model import Done
from harness.wire.operator_api import comments as wire


def approval_notes(
    context: OperatorContext, request: wire.ApprovalNotes, _connection: Connection
) -> wire.ApprovalNotesReply:
    return approvals.notes(context.directory, request.id, request.base)


def comment(context: OperatorContext, request: wire.Comment, connection: Connection) -> wire.CommentReply:
    kept = comments.add(
        context.directory,
        request.id,
        request.base,
        request.comment,
        by=decided_by(connection),
    )
    return wire.CommentReply(comment_id=kept.id, quoted=kept.quoted)


def edit_comment(context: OperatorContext, request: wire.EditComment, _connection: Connection) -> Done:
    comments.edit(context.directory, request.id, request.comment_id, request.text)
    return Done()


def drop_comment(context: OperatorContext, request: wire.DropComment, _connection: Connection) -> Done:
    comments.edit(context.directory, request.id, request.comment_id, None)
    return Done()


def mark_viewed(context: OperatorContext, request: wire.MarkViewed, _connection: Connection) -> Done:
    comments.mark_viewed(context.directory, request.id, request.content, viewed=request.viewed)
    return Done()


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.APPROVAL_NOTES, approval_notes),
    route(wire.COMMENT, comment),
    route(wire.EDIT_COMMENT, edit_comment),
    route(wire.DROP_COMMENT, drop_comment),
    route(wire.MARK_VIEWED, mark_viewed),
)
