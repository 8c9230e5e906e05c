"""What is noted of a proposal beside its differences: comments on lines, marks of viewed files, the decision."""

from typing import Any, Literal

from harness.wire.model import Done, Reply, Request
from harness.wire.names import Id
from harness.wire.review import Base, Part
from harness.wire.review.comments import CommentRow, CommentText, NewComment
from harness.wire.verb import OPERATORS, Rows, Verb


class ApprovalNotes(Request):
    cmd: Literal["approval_notes"] = "approval_notes"
    id: Id
    base: Base = "running"


class ApprovalNotesReply(Reply):
    """What is noted of an approval.

    `comments`, oldest first; `earlier`: those that went with the denial of the proposal before it. `viewed`: the
    `content` of each file that is marked. `decision`: its row in the decision log, null before it.
    """

    comments: list[CommentRow] = []
    earlier: list[CommentRow] = []
    viewed: list[str] = []
    decision: dict[str, Any] | None = None


class Comment(Request):
    """Keep a draft comment on a proposal that waits."""

    cmd: Literal["comment"] = "comment"
    id: Id
    base: Base = "running"
    comment: NewComment


class CommentReply(Reply):
    comment_id: int
    quoted: str


class EditComment(Request):
    cmd: Literal["edit_comment"] = "edit_comment"
    id: Id
    comment_id: Id
    text: CommentText


class DropComment(Request):
    cmd: Literal["drop_comment"] = "drop_comment"
    id: Id
    comment_id: Id


class MarkViewed(Request):
    """Mark a file as viewed, or take the mark away. `content` names what differs in it: another change has no mark."""

    cmd: Literal["mark_viewed"] = "mark_viewed"
    id: Id
    content: Part
    viewed: bool


APPROVAL_NOTES = Verb("approval_notes", ApprovalNotes, ApprovalNotesReply, OPERATORS)
COMMENT = Verb("comment", Comment, CommentReply, OPERATORS)
EDIT_COMMENT = Verb("edit_comment", EditComment, Done, OPERATORS)
DROP_COMMENT = Verb("drop_comment", DropComment, Done, OPERATORS)
MARK_VIEWED = Verb("mark_viewed", MarkViewed, Done, OPERATORS)

VERBS: Rows = (APPROVAL_NOTES, COMMENT, EDIT_COMMENT, DROP_COMMENT, MARK_VIEWED)
