"""Who is told what when an approval ends. Pure."""

from actors.approvals.approval import Approval
from actors.approvals.states import ApprovalKind, ApprovalStatus
from actors.broker.messages import Post
from harness.wire import names
from harness.wire.agent_api import MessageKind
from harness.wire.events import ApprovalResolved, HelperEvent, Rebuilt, Spawned


def events(approval: Approval) -> list[HelperEvent]:
    """The facts about an approval that has just ended: its resolution, and what became of the agent."""
    agent = names.broker_name(approval.agent)
    told: list[HelperEvent] = [
        ApprovalResolved(
            id=approval.id,
            agent=agent,
            kind=approval.kind.value,
            commit_ref=approval.commit_ref,
            status=approval.status.value,
            note=approval.note,
            sha=approval.sha,
            tag=approval.tag,
        )
    ]
    if approval.status in {ApprovalStatus.APPROVED, ApprovalStatus.FAILED}:
        well = approval.status is ApprovalStatus.APPROVED
        if approval.kind is ApprovalKind.SPAWN:
            told.append(Spawned(agent=agent, ok=well, note=approval.note, sha=approval.sha))
        else:
            told.append(Rebuilt(agent=agent, ok=well, note=approval.note, sha=approval.sha, tag=approval.tag))
    return told


def posts(approval: Approval) -> list[Post]:
    """The same as mail to the manager."""
    return [Post(names.SYSTEM, names.MANAGER, event.model_dump_json(), MessageKind.EVENT) for event in events(approval)]
