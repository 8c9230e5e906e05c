"""Approvals: what waits, what it changes, yes or no; and proposals of the operator's own."""

from collections.abc import Mapping
from typing import Any, Literal

from harness.wire.agent_api.proposals import ApprovalReply, RequestSpawn
from harness.wire.boundary.listing import ListReply
from harness.wire.model import Done, Request
from harness.wire.names import Id
from harness.wire.operator_rows import ApprovalRow
from harness.wire.review import ApprovalPart, ApprovalReview, Approve, PartReply, ReviewReply
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
    cmd: Literal["deny"] = "deny"
    id: Id
    note: str | None = None


class ApprovalDiff(Request):
    cmd: Literal["approval_diff"] = "approval_diff"
    id: Id
    base: Literal["running", "approved", "previous"] = "running"


class DecisionsReply(ListReply):
    """The decision log, oldest first; `broken_at` is the first row that is not what was written, null when none is."""

    keeps_last = True

    decisions: list[dict[str, Any]]
    broken_at: int | None
    reason: str | None


PENDING = Verb("pending", Plain, ApprovalsReply, OPERATORS)
APPROVE = Verb("approve", Approve, Done, OPERATORS)
DENY = Verb("deny", Deny, Done, OPERATORS)
APPROVAL_REVIEW = Verb("approval_review", ApprovalReview, ReviewReply, OPERATORS)
APPROVAL_PART = Verb("approval_part", ApprovalPart, PartReply, OPERATORS)
APPROVAL_DIFF = Verb("approval_diff", ApprovalDiff, DiffReply, OPERATORS)
REQUEST_SPAWN = Verb("request_spawn", RequestSpawn, ApprovalReply, OPERATORS)
REVIVE = Verb("revive", ByName, ApprovalReply, OPERATORS)
DRAFTS = Verb("drafts", Plain, RowsReply, OPERATORS)
DECISIONS = Verb("decisions", Plain, DecisionsReply, OPERATORS)

VERBS: Rows = (
    PENDING, APPROVE, DENY, APPROVAL_REVIEW, APPROVAL_PART, APPROVAL_DIFF, REQUEST_SPAWN, REVIVE, DRAFTS, DECISIONS,
)  # fmt: skip
