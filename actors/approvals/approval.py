"""One approval: as a row of the table, and as the row that the operator sees."""

from dataclasses import dataclass

from actors.approvals.states import ApprovalKind, ApprovalStatus
from actors.approvals.steps import ApprovalStep
from harness.wire import names
from harness.wire.boundary import causes
from harness.wire.operator_rows import ApprovalRow
from harness.wire.times import from_ms
from harness.wire.visible import visible


@dataclass(frozen=True, slots=True)
class Approval:
    """A row of the table `approvals`. `agent` is the container's name; `sha` 40 hex digits."""

    id: int
    agent: str
    kind: ApprovalKind
    status: ApprovalStatus
    step: ApprovalStep
    requested_ms: int
    commit_ref: str
    sha: str
    requested_by: str
    description: str | None = None
    resolved_ms: int | None = None
    note: str | None = None
    """The operator's note on a denial; the reason of a failure or a cancellation."""
    tag: str | None = None
    """The last tag that was set for it."""
    tries: int = 0
    """How often the next step was begun and not finished."""
    base_sha: str | None = None
    """The commit in force when it was approved; None when there was none."""
    notes_sha: str | None = None
    """The commit with the notes that a new agent finds in its state, as they were at submission."""
    existed: bool | None = None
    """Whether the agent existed when it was approved; None before that."""
    cause: str | None = None
    """The turn in which it was proposed, by its name."""

    def row(self) -> ApprovalRow:
        """The wire's form."""
        return ApprovalRow(
            id=self.id,
            agent=names.broker_name(self.agent),
            kind=self.kind.value,
            status=self.status.value,
            requested_at=from_ms(self.requested_ms),
            resolved_at=None if self.resolved_ms is None else from_ms(self.resolved_ms),
            commit_ref=self.commit_ref,
            sha=self.sha,
            description=None if self.description is None else visible(self.description),
            note=self.note,
            tag=self.tag,
            requested_by=names.broker_name(self.requested_by),
            queued=self.step is ApprovalStep.QUEUED,
            cause=causes.known(self.cause),
        )
