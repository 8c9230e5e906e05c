"""The open approvals as the queue has them in memory: what is on disk, changed there first.

Used by the queue alone. What the operator sees of an approval is told to his stream when it changes, once.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from actors.approvals import queries
from actors.approvals.approval import Approval
from actors.approvals.states import ApprovalStatus, already
from actors.approvals.steps import Step, under_way
from actors.gateway.events import emit
from actors.store import api as store
from actors.supervision import Directory
from actors.telemetry import api as telemetry
from harness.wire.constants import HIVE_WIDE

WRITE_SECONDS = 30.0


class Book:
    """By id; closed ones are not in it."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._open: dict[int, Approval] = {}
        self._sampled: int | None = None

    def __iter__(self) -> Iterator[Approval]:
        return iter(list(self._open.values()))

    def load(self) -> None:
        """What the database has, and will have of what a predecessor was writing when it ended."""
        store.decided(self._directory)
        self._open = {one.id: one for one in store.read(self._directory, queries.open_ones)}
        self._sample()

    def get(self, approval_id: int) -> Approval | None:
        """That approval, if it is open."""
        return self._open.get(approval_id)

    def pending(self, approval_id: int) -> Approval:
        """That approval, if it waits for the operator; else `not_found`, or `conflict` with how it ended."""
        approval = self._open.get(approval_id) or self.stored(approval_id)
        if approval.status is not ApprovalStatus.PENDING:
            raise already(approval.id, approval.status)
        return approval

    def pending_of(self, agent: str) -> list[Approval]:
        """What waits for the operator and concerns this agent."""
        return [one for one in self if one.agent == agent and one.step is Step.FILED]

    def busy_with(self, agent: str) -> Approval | None:
        """The approval of this agent that is being carried out; there is one at a time."""
        return next((one for one in self if one.agent == agent and under_way(one.step)), None)

    def stored(self, approval_id: int) -> Approval:
        """That approval as it is on disk."""
        return store.read(self._directory, queries.one(approval_id))

    def settled(self, approval_id: int) -> Approval:
        """The same when a write of it was refused: that one is on disk by now, or never will be."""
        store.decided(self._directory)
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
        """It is on disk like this: remember it, and tell what is new in its row. Most steps do not show there."""
        before, row = self._open.get(approval.id), approval.row()
        self._open[approval.id] = approval
        if before is None or before.row() != row:
            emit(self._directory, "approval", row.as_frame())
        self._sample()
        return approval

    def drop(self, approval_id: int) -> None:
        """It is closed."""
        self._open.pop(approval_id, None)

    def _sample(self) -> None:
        """How many wait for the operator, for the chart; a point per change."""
        waiting = sum(one.step is Step.FILED for one in self)
        if waiting != self._sampled:
            self._sampled = waiting
            telemetry.sample(self._directory, HIVE_WIDE, "approvals_pending", waiting)
