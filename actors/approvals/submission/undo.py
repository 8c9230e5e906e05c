"""Undoing a deployed change: a look at its reverse, then one request that proposes the reverse and approves it."""

from actors.agent.repos import edit
from actors.approvals import api as approvals
from actors.approvals.bases import Base
from actors.approvals.review.api import compared, in_effect
from actors.supervision import Clock, Directory, NoAnswer
from harness.wire import names
from harness.wire.errors import HiveError, conflict
from harness.wire.operator_api.approvals import UndoPreviewReply, UndoReply


def preview(directory: Directory, approval_id: int, *, clock: Clock) -> UndoPreviewReply:
    """What the undo would do now. A change that cannot be undone is an answer, with the obstacle."""
    edits = approvals.edits(directory, by=names.OPERATOR, clock=clock)
    agent = names.broker_name(approvals.one(directory, approval_id).agent)
    try:
        reverse = edits.reverse_of(approval_id)
    except NoAnswer:
        raise  # no obstacle of the change: another look may succeed
    except HiveError as error:
        return UndoPreviewReply(id=approval_id, agent=agent, obstacle=error.message, hint=error.hint)
    if (obstacle := reverse.obstacle()) is not None:
        return UndoPreviewReply(
            id=approval_id,
            agent=agent,
            base_sha=reverse.in_force,
            obstacle=obstacle.message,
            hint=obstacle.hint,
            conflicts=list(reverse.conflicts),
        )
    git = reverse.applied.git
    # On no branch and under no tag: git collects it when nothing comes of it.
    sha = edit.commit(git, reverse.in_force, reverse.changes, "preview\n", author=names.OPERATOR, at_ms=clock.now_ms())
    shown = compared(reverse.applied, reverse.in_force, sha)
    return UndoPreviewReply(
        id=approval_id,
        agent=agent,
        base_sha=reverse.in_force,
        effective=in_effect(approvals.context(directory), reverse.applied, reverse.in_force, sha),
        files=shown.files,
        unshown=shown.unshown,
    )


def undo(
    directory: Directory, approval_id: int, base_sha: str, description: str | None, *, by: str, clock: Clock
) -> UndoReply:
    """Propose the reverse and approve it; returns when the approval is on disk.

    `conflict` when something else than `base_sha` is in force. When the approval is refused, the proposal is withdrawn.
    """
    edits = approvals.edits(directory, by=names.OPERATOR, clock=clock)
    if not edits.reverse_of(approval_id).in_force.startswith(base_sha):
        raise conflict("another configuration came into force meanwhile", "look at what the undo would do now")
    proposed = edits.revert(approval_id, description or f"undo of approval {approval_id}")
    try:
        shown = approvals.review(directory, proposed.approval_id, Base.RUNNING)
        behind = approvals.approve(
            directory,
            proposed.approval_id,
            by=by,
            sha=shown.sha,
            base_sha=base_sha,
            accepts=[one.part for one in shown.unshown],
            note=f"undo of approval {approval_id}",
        )
    except NoAnswer:
        raise  # the decision may be on disk; the proposal shows what became of it
    except HiveError:
        approvals.submission(directory, by=names.OPERATOR, clock=clock).withdraw(proposed.approval_id)
        raise
    return UndoReply(approval_id=proposed.approval_id, behind=behind)
