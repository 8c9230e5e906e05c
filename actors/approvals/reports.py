"""The events about the end of an approval. Pure."""

from collections.abc import Sequence

from actors.approvals.approval import Approval
from actors.approvals.states import ApprovalKind, ApprovalStatus
from actors.broker.manager_events import to_manager
from actors.broker.messages import Post
from harness.wire import names
from harness.wire.boundary.causes import CauseKind, CauseName
from harness.wire.events import ApprovalResolved, HelperEvent, Rebuilt, Spawned
from harness.wire.review.comments import LineComment


def events(
    approval: Approval, comments: Sequence[LineComment] = (), decision_note: str | None = None
) -> list[HelperEvent]:
    """The resolution of an approval that has just ended, and what became of the agent."""
    agent = names.broker_name(approval.agent)
    found: list[HelperEvent] = [
        ApprovalResolved(
            id=approval.id,
            agent=agent,
            kind=approval.kind.value,
            commit_ref=approval.commit_ref,
            status=approval.status.value,
            note=approval.note,
            sha=approval.sha,
            tag=approval.tag,
            decision_note=decision_note,
            comments=list(comments),
        )
    ]
    if approval.status in {ApprovalStatus.APPROVED, ApprovalStatus.FAILED}:
        ok = approval.status is ApprovalStatus.APPROVED
        if approval.kind is ApprovalKind.SPAWN:
            found.append(Spawned(agent=agent, ok=ok, note=approval.note, sha=approval.sha))
        else:
            found.append(Rebuilt(agent=agent, ok=ok, note=approval.note, sha=approval.sha, tag=approval.tag))
    return found


def posts(approval: Approval, comments: Sequence[LineComment] = (), decision_note: str | None = None) -> list[Post]:
    """Those events as mail to the manager."""
    cause = CauseName(CauseKind.APPROVAL, approval.id)
    return [to_manager(event, cause) for event in events(approval, comments, decision_note)]
