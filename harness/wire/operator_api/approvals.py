"""Approvals: what waits, what it changes, yes or no; and proposals of the operator's own."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from harness.wire.agent_api.proposals import (
    ApprovalReply,
    Description,
    DraftReply,
    RequestApplyCommit,
    RequestSpawn,
    RequestSpawnCommit,
    RequestSpawnDraft,
    Withdraw,
)
from harness.wire.boundary.listing import ListReply
from harness.wire.limits import MAX_COMMENTS, MAX_EDITED_FILES
from harness.wire.model import Done, Reply, Request
from harness.wire.names import AgentName, Id
from harness.wire.operator_rows import ApprovalRow
from harness.wire.review import (
    ApprovalPart,
    ApprovalReview,
    Approve,
    ApproveReply,
    EffectiveChange,
    FileChange,
    PartReply,
    ReviewReply,
    Sha,
    Unshown,
)
from harness.wire.review.comments import NewComment
from harness.wire.verb import OPERATORS, Rows, Verb

from .replies import DiffReply, RowsReply
from .requests import ByName, Plain


class ApprovalsReply(ListReply):
    keeps_last = True

    approvals: list[ApprovalRow]

    @classmethod
    def rank(cls, row: Mapping[str, Any]) -> int:
        """What waits for a decision stays longest."""
        return int(row["status"] != "pending")


class Deny(Request):
    """`comments` go to the proposer with those that are drafts. `session`: that of the dashboard, if it was there."""

    cmd: Literal["deny"] = "deny"
    id: Id
    note: str | None = None
    comments: Annotated[list[NewComment], Field(max_length=MAX_COMMENTS)] = []
    session: Id | None = None


class ApprovalDiff(Request):
    cmd: Literal["approval_diff"] = "approval_diff"
    id: Id
    base: Literal["running", "approved", "previous"] = "running"


class RequestEdit(Request):
    """`files`: path → the whole text, null to remove the file. `base_sha`: the commit in force that was edited."""

    cmd: Literal["request_edit"] = "request_edit"
    name: AgentName
    base_sha: Sha
    files: Annotated[dict[str, str | None], Field(min_length=1, max_length=MAX_EDITED_FILES)]
    description: Description | None = None


class RequestRevert(Request):
    """The reverse of a change that was deployed, on top of what is in force."""

    cmd: Literal["request_revert"] = "request_revert"
    id: Id
    description: Description | None = None


class UndoPreview(Request):
    cmd: Literal["undo_preview"] = "undo_preview"
    id: Id


class UndoPreviewReply(Reply):
    """What `undo` of a deployed change would do to what is in force, the commit `base_sha`.

    `obstacle` says why it cannot be undone, null when it can; `conflicts` are the files with later changes in the same
    lines.
    """

    id: int
    agent: str
    base_sha: str | None = None
    obstacle: str | None = None
    hint: str | None = None
    conflicts: list[str] = []
    effective: list[EffectiveChange] = []
    remarks: list[str] = []
    files: list[FileChange] = []
    unshown: list[Unshown] = []


class Undo(Request):
    """Propose the reverse of a deployed change and approve it. `base_sha`: what was in force in the preview."""

    cmd: Literal["undo"] = "undo"
    id: Id
    base_sha: Sha
    description: Description | None = None
    session: Id | None = None


class UndoReply(Reply):
    """The approval of the reverse; `behind`: the approval after whose end it is carried out."""

    approval_id: int
    behind: int | None = None


class RequestAgain(Request):
    """Propose the commit of a denied change once more."""

    cmd: Literal["request_again"] = "request_again"
    id: Id


class WithdrawReply(Reply):
    """What happens now, in a sentence."""

    effect: str


class DecisionsReply(ListReply):
    """The decision log, oldest first; `broken_at` is the first row that is not what was written, null when none is."""

    keeps_last = True

    decisions: list[dict[str, Any]]
    broken_at: int | None
    reason: str | None


PENDING = Verb("pending", Plain, ApprovalsReply, OPERATORS)
APPROVE = Verb("approve", Approve, ApproveReply, OPERATORS)
DENY = Verb("deny", Deny, Done, OPERATORS)
APPROVAL_REVIEW = Verb("approval_review", ApprovalReview, ReviewReply, OPERATORS)
APPROVAL_PART = Verb("approval_part", ApprovalPart, PartReply, OPERATORS)
APPROVAL_DIFF = Verb("approval_diff", ApprovalDiff, DiffReply, OPERATORS)
REQUEST_SPAWN = Verb("request_spawn", RequestSpawn, ApprovalReply, OPERATORS)
REQUEST_SPAWN_DRAFT = Verb("request_spawn_draft", RequestSpawnDraft, DraftReply, OPERATORS)
REQUEST_SPAWN_COMMIT = Verb("request_spawn_commit", RequestSpawnCommit, ApprovalReply, OPERATORS)
REQUEST_APPLY_COMMIT = Verb("request_apply_commit", RequestApplyCommit, ApprovalReply, OPERATORS)
REQUEST_EDIT = Verb("request_edit", RequestEdit, ApprovalReply, OPERATORS)
REQUEST_REVERT = Verb("request_revert", RequestRevert, ApprovalReply, OPERATORS)
REQUEST_AGAIN = Verb("request_again", RequestAgain, ApprovalReply, OPERATORS)
UNDO_PREVIEW = Verb("undo_preview", UndoPreview, UndoPreviewReply, OPERATORS)
UNDO = Verb("undo", Undo, UndoReply, OPERATORS)
WITHDRAW = Verb("withdraw", Withdraw, WithdrawReply, OPERATORS)
DISCARD_DRAFT = Verb("discard_draft", ByName, Done, OPERATORS)
REVIVE = Verb("revive", ByName, ApprovalReply, OPERATORS)
DRAFTS = Verb("drafts", Plain, RowsReply, OPERATORS)
DECISIONS = Verb("decisions", Plain, DecisionsReply, OPERATORS)

VERBS: Rows = (
    PENDING, APPROVE, DENY, APPROVAL_REVIEW, APPROVAL_PART, APPROVAL_DIFF, REQUEST_SPAWN,
    REQUEST_SPAWN_DRAFT, REQUEST_SPAWN_COMMIT, REQUEST_APPLY_COMMIT, REQUEST_EDIT, REQUEST_REVERT, REQUEST_AGAIN,
    UNDO_PREVIEW, UNDO, WITHDRAW,
    DISCARD_DRAFT, REVIVE, DRAFTS, DECISIONS,
)  # fmt: skip
