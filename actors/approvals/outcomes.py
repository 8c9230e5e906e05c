"""How an approval changes when it is filed, decided and closed, and the entry of a decision in the log. Pure.

Times are milliseconds UTC.
"""

from dataclasses import replace

from actors.agent.repos import Mark
from actors.approvals.approval import Approval
from actors.approvals.chain import Decision, Verdict
from actors.approvals.messages import File
from actors.approvals.states import ApprovalStatus
from actors.approvals.steps import ApprovalStep


def filed(wanted: File, at_ms: int) -> Approval:
    """A new approval; the database draws its id."""
    return Approval(
        id=0,
        agent=wanted.agent,
        kind=wanted.kind,
        status=ApprovalStatus.PENDING,
        step=ApprovalStep.FILED,
        requested_ms=at_ms,
        commit_ref=wanted.commit_ref,
        sha=wanted.sha,
        requested_by=wanted.requested_by,
        description=wanted.description,
        notes_sha=wanted.notes_sha,
        cause=wanted.cause,
    )


def approved(approval: Approval, at_ms: int, *, first: bool = True) -> Approval:
    """The operator's approval. The roll-out begins, unless others of the agent are carried out first."""
    step = ApprovalStep.APPROVED if first else ApprovalStep.QUEUED
    return replace(approval, status=ApprovalStatus.APPROVED, step=step, resolved_ms=at_ms)


def denied(approval: Approval, note: str | None, at_ms: int) -> Approval:
    """The operator's denial; only its tag is still to be set."""
    return replace(
        approval,
        status=ApprovalStatus.DENIED,
        step=ApprovalStep.DENIED,
        resolved_ms=at_ms,
        note=(note or "").strip() or None,
        tag=f"{Mark.DENIED}/{approval.id}",
    )


def cancelled(approval: Approval, reason: str, at_ms: int) -> Approval:
    """A proposal that cannot be decided any more."""
    return replace(approval, status=ApprovalStatus.CANCELLED, step=ApprovalStep.CLOSED, note=reason, resolved_ms=at_ms)


def closed(approval: Approval, step: ApprovalStep, at_ms: int) -> Approval:
    """The end of a deployment: `finalized` as approved, `failed` as of now."""
    ended = replace(approval, step=step, tries=0)
    if step is ApprovalStep.FAILED:
        return replace(ended, status=ApprovalStatus.FAILED, resolved_ms=at_ms)
    return ended


def taken_back(approval: Approval, by: str, at_ms: int) -> Decision:
    """The entry in the decision log for an approved change that is taken back before it is in force."""
    return replace(decision(replace(approval, note=None), by), at_ms=at_ms, verdict=Verdict.WITHDRAWN.value)


def refusal_note(before: str | None, step: ApprovalStep, why: str) -> str:
    """The first refusal of a step, then every refusal of the roll-back."""
    refusal = f"not {step.value}: {why}"
    return refusal if before is None else f"{before}; {refusal}"


def decision(decided: Approval, by: str, note: str | None = None) -> Decision:
    """The entry in the decision log for an approval that was just approved or denied; the log draws its id.

    `note`: what was approved without having been shown. A denial brings its own note.
    """
    assert decided.resolved_ms is not None
    return Decision(
        id=0,
        at_ms=decided.resolved_ms,
        approval_id=decided.id,
        agent=decided.agent,
        kind=decided.kind.value,
        verdict=Verdict(decided.status.value).value,
        sha=decided.sha,
        decided_by=by,
        note=decided.note or note,
    )
