"""The open approvals in the queue's memory: a copy of the rows on disk, which change first.

Used by the queue alone. A change that the operator can see is emitted to the operator's stream, once.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from actors.approvals import queries
from actors.approvals.approval import Approval
from actors.approvals.states import ApprovalStatus, already
from actors.approvals.steps import ApprovalStep, under_way
from actors.events import emit
from actors.store import api as store
from actors.supervision import Directory
from actors.telemetry import api as telemetry
from harness.wire.errors import conflict
from harness.wire.names import HIVE_WIDE

WRITE_SECONDS = 30.0


class OpenApprovals:
    """Every approval that is not closed, by id."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._open: dict[int, Approval] = {}
        self._sampled: int | None = None

    def __iter__(self) -> Iterator[Approval]:
        return iter(list(self._open.values()))

    def load(self) -> None:
        """Read the database, after the writes that a predecessor left under way."""
        store.wait_for_writes(self._directory)
        self._open = {one.id: one for one in store.read(self._directory, queries.open_ones)}
        self._sample()

    def get(self, approval_id: int) -> Approval | None:
        """That approval, if it is open."""
        return self._open.get(approval_id)

    def pending(self, approval_id: int) -> Approval:
        """That approval, if it waits for the operator. Raises `not_found`, or `conflict` with how it ended."""
        approval = self._open.get(approval_id) or self.stored(approval_id)
        if approval.status is not ApprovalStatus.PENDING:
            raise already(approval.id, approval.status)
        return approval

    def pending_of(self, agent: str) -> list[Approval]:
        """The approvals of this agent that wait for the operator."""
        return [one for one in self if one.agent == agent and one.step is ApprovalStep.FILED]

    def count_of_proposer(self, name: str) -> int:
        """How many proposals of this one wait for the operator."""
        return sum(one.requested_by == name and one.step is ApprovalStep.FILED for one in self._open.values())

    def line_of(self, agent: str) -> list[Approval]:
        """The decided approvals of this agent that are not closed, in the order in which they are carried out.

        The first is being carried out; the others wait, in the order of their decisions.
        """
        line = [one for one in self if one.agent == agent and under_way(one.step)]
        return sorted(line, key=lambda one: (one.step is ApprovalStep.QUEUED, one.resolved_ms or 0, one.id))

    def busy_with(self, agent: str) -> Approval | None:
        """The approval of this agent that is being carried out; there is one at a time."""
        return next(iter(self.line_of(agent)), None)

    def bases_in_line(self, line: list[Approval], behind: int | None) -> set[str | None]:
        """The configurations that come and go while those before it, which were seen, are carried out."""
        if behind is None:
            return set()
        return {sha for one in [*line, self.stored(behind)] for sha in (one.sha, one.base_sha)}

    def check_none_of(self, agent: str) -> None:
        """Refuse, where an approval of this draft is open."""
        waiting = next((one for one in self if one.agent == agent), None)
        if waiting is not None:
            raise conflict(
                f"approval {waiting.id} of the draft {agent} is open", "it is decided, or withdrawn, before the draft"
            )

    def stored(self, approval_id: int) -> Approval:
        """That approval as it is on disk."""
        return store.read(self._directory, queries.one(approval_id))

    def settled(self, approval_id: int) -> Approval:
        """That approval as it is on disk after a refused write, which is on disk by now or never will be."""
        store.wait_for_writes(self._directory)
        return self.stored(approval_id)

    def file(self, approval: Approval) -> Approval:
        """Store a new one, which is given its id."""
        number: int = store.write(self._directory, queries.file(approval)).get(timeout=WRITE_SECONDS)
        return self.keep(replace(approval, id=number))

    def change(self, approval: Approval, **changes: Any) -> Approval:
        """Change columns, on disk first."""
        store.write(self._directory, queries.change(approval.id, **changes)).get(timeout=WRITE_SECONDS)
        return self.keep(replace(approval, **changes))

    def keep(self, approval: Approval) -> Approval:
        """Remember the row as it is on disk, and emit it when the operator sees a difference; most steps show none."""
        before, row = self._open.get(approval.id), approval.row()
        self._open[approval.id] = approval
        if before is None or before.row() != row:
            emit(self._directory, "approval", row.as_frame())
        self._sample()
        return approval

    def drop(self, approval_id: int) -> None:
        """Forget a closed approval."""
        self._open.pop(approval_id, None)

    def _sample(self) -> None:
        """How many wait for the operator, for the chart: a point for every change."""
        waiting = sum(one.step is ApprovalStep.FILED for one in self)
        if waiting != self._sampled:
            self._sampled = waiting
            telemetry.sample(self._directory, HIVE_WIDE, "approvals_pending", waiting)
