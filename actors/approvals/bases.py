"""Which commit a proposal is compared with. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from actors.approvals.approval import Approval
from actors.approvals.states import ApprovalStatus


class Base(StrEnum):
    """What the operator may compare with."""

    RUNNING = "running"
    """What is in force, or was when it was approved."""
    APPROVED = "approved"
    """The last proposal before it that was approved and deployed."""
    PREVIOUS = "previous"
    """The proposal before it, whatever became of it."""


def base_sha(base: Base, approval: Approval, in_force: str | None, others: Iterable[Approval]) -> str | None:
    """The commit to compare with; None where there is none, and then everything in it is new.

    `others` are the approvals of the same agent, in any order, this one among them or not.
    """
    if base is Base.RUNNING:
        return in_force if approval.existed is None else approval.base_sha
    earlier = sorted((one for one in others if one.id < approval.id), key=lambda one: one.id)
    if base is Base.APPROVED:
        earlier = [one for one in earlier if one.status is ApprovalStatus.APPROVED]
    return earlier[-1].sha if earlier else None
