"""The statuses of an approval and every way between them. Pure; row and page show these words."""

from collections.abc import Mapping
from enum import StrEnum

from harness.wire.errors import HiveError, conflict


class ApprovalKind(StrEnum):
    """What the proposal asks for."""

    SPAWN = "spawn"
    APPLY_COMMIT = "apply_commit"


class ApprovalStatus(StrEnum):
    """Where an approval stands. It is `approved` while it is carried out, too; its step tells how far."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    FAILED = "failed"
    CANCELLED = "cancelled"


S = ApprovalStatus

TRANSITIONS: Mapping[ApprovalStatus, frozenset[ApprovalStatus]] = {
    S.PENDING: frozenset({S.APPROVED, S.DENIED, S.CANCELLED}),
    S.APPROVED: frozenset({S.FAILED, S.CANCELLED}),
    S.DENIED: frozenset(),
    S.FAILED: frozenset(),
    S.CANCELLED: frozenset(),
}
"""From each status to those that may follow it."""

_WORDS = {
    S.PENDING: "is pending",
    S.APPROVED: "was approved",
    S.DENIED: "was denied",
    S.FAILED: "was approved and failed",
    S.CANCELLED: "was cancelled",
}


def advance(approval_id: int, old: ApprovalStatus, new: ApprovalStatus) -> ApprovalStatus:
    """`new` if the table allows it after `old`. Raises `conflict` with what has happened already."""
    if new not in TRANSITIONS[old]:
        raise already(approval_id, old)
    return new


def already(approval_id: int, status: ApprovalStatus) -> HiveError:
    """The error for the second of two decisions."""
    return conflict(f"approval {approval_id} {_WORDS[status]} already", "`hive pending --all` shows how it ended")
