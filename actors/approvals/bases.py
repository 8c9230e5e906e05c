"""Which commit a proposal is compared with. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from actors.approvals.approval import Approval
from actors.approvals.states import ApprovalStatus


class Base(StrEnum):
    """The commits that the operator may compare with."""

    RUNNING = "running"
    """The commit in force; for an approval that was decided, the one in force then."""
    APPROVED = "approved"
    """The last proposal before it that was approved and deployed."""
    PREVIOUS = "previous"
    """The proposal before it, with any outcome."""


def base_sha(base: Base, approval: Approval, in_force: str | None, others: Iterable[Approval]) -> str | None:
    """The commit to compare with; None where there is none: then every file is new.

    `others` are the approvals of the same agent, in any order, with or without this one.
    """
    if base is Base.RUNNING:
        return in_force if approval.existed is None else approval.base_sha
    earlier = sorted((one for one in others if one.id < approval.id), key=lambda one: one.id)
    if base is Base.APPROVED:
        earlier = [one for one in earlier if one.status is ApprovalStatus.APPROVED]
    return earlier[-1].sha if earlier else None
