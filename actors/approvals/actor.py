"""The approval queue: proposals that wait for the operator, and the deployment of the approved ones.

Owns the tables `approvals` and `decisions`, and the children of `approvals/deployers`. Promises: a decision is on disk
with its row in the log before it is answered, and there is one per approval; an approved change is rolled out or
rolled back completely, also when the daemon is killed at any step; the end of an approval and its events are one
transaction. Emits operator events: `approval` with the whole row when it has changed, `drafts` when the set
of drafts may have changed.
"""

import logging
from collections.abc import Callable
from typing import Any

from actors.agent.registry.messages import AgentsChanged, ConfigurationChecked, LoginNeeded
from actors.agent.repos import Mark
from actors.approvals import outcomes, queries, reconcile, reports
from actors.approvals.approval import Approval
from actors.approvals.chain import Decision
from actors.approvals.comments.writer import CommentWriter
from actors.approvals.containers import Containers
from actors.approvals.context import ApprovalContext
from actors.approvals.deployer import deployer_spec
from actors.approvals.messages import (
    DEPLOYERS,
    AddComment,
    Approve,
    ChangeComment,
    CheckDraft,
    CheckReady,
    Deny,
    File,
    GetContext,
    MarkViewed,
    Perform,
    Performed,
    Reconcile,
    RetryStep,
    Withdraw,
    deployer_name,
)
from actors.approvals.open_approvals import WRITE_SECONDS, OpenApprovals
from actors.approvals.states import ApprovalKind, ApprovalStatus
from actors.approvals.steps import ApprovalStep, after_crash, after_refusal, can_be_taken_back, following, under_way
from actors.broker import api as broker
from actors.events import emit
from actors.store import api as store
from actors.supervision import (
    Actor,
    ChildRefused,
    Clock,
    Directory,
    Down,
    Exit,
    NoAnswer,
    SupervisionError,
    start_child,
    terminate_child,
)
from harness.wire import names
from harness.wire.errors import HiveError, conflict, forbidden

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
"""Pause before a step is tried again; grows with the tries."""
MAX_PAUSE_SECONDS = 60.0
RECONCILE_SECONDS = 5.0
MAX_PENDING = 20
"""Of one agent. An agent that files more is in a loop, and no operator reads that many."""
MAX_PROPOSED = 100
"""Of one proposer who is not the operator, about all agents together: the pages that list them stay quick."""


class QueueActor(Actor):
    """`approvals/queue`. Messages are in `messages.py`."""

    def __init__(self, *, context: ApprovalContext, containers: Containers, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._context = context
        self._containers = containers
        self._directory = directory
        self._open = OpenApprovals(directory)
        self._comments = CommentWriter(directory, self._open)

    def on_start(self) -> None:
        self._open.load()
        for approval in self._open:
            if under_way(approval.step):
                self._resume(approval)
        self.tell_self(Reconcile())

    def state_word(self) -> str:
        busy = sum(under_way(one.step) for one in self._open)
        return f"{sum(1 for _ in self._open) - busy} pending, {busy} under way"

    def handle(self, message: object) -> Any:
        match message:
            case GetContext():
                return self._context
            case File():
                return self._file(message)
            case Approve():
                return self._approve(message)
            case Deny():
                self._deny(message)
            case AddComment() | ChangeComment() | MarkViewed():
                return self._comments.write(message, self.clock.now_ms())
            case Withdraw():
                return self._withdraw(message)
            case CheckDraft(agent):
                self._open.check_none_of(agent)
            case Performed():
                self._performed(message)
            case RetryStep(id_):
                self._next_step(id_)
            case Down(name, exit_reason):
                self._deployer_ended(name, exit_reason)
            case Reconcile() | AgentsChanged():
                self._reconcile()
            case LoginNeeded(agent) | ConfigurationChecked(agent):
                self._check_again(agent)
        return None

    # ---- requests ------------------------------------------------------------------------------------

    def _file(self, wanted: File) -> int:
        waiting, busy = self._open.pending_of(wanted.agent), self._open.busy_with(wanted.agent)
        shown = names.broker_name(wanted.agent)
        if wanted.kind is ApprovalKind.SPAWN and busy is not None:
            raise conflict(f"approval {busy.id} of {shown} is being carried out", "wait for its end")
        if wanted.kind is ApprovalKind.SPAWN and waiting:
            raise conflict(f"approval {waiting[0].id} to spawn {shown} waits already", "the operator decides first")
        if len(waiting) >= MAX_PENDING:
            raise conflict(f"{len(waiting)} approvals of {shown} wait already", "the operator decides first")
        proposer = wanted.requested_by
        if proposer != names.OPERATOR and self._open.count_of_proposer(proposer) >= MAX_PROPOSED:
            raise conflict(f"{MAX_PROPOSED} proposals of {proposer} wait already", "the operator decides first")
        approval = self._open.file(outcomes.filed(wanted, self.clock.now_ms()))
        try:
            self._mark_proposal(approval)
        except HiveError as error:
            self._cancel(approval, f"it could not be tagged: {error.message}")
            raise
        log.info("filed approval=%s agent=%s kind=%s", approval.id, approval.agent, approval.kind.value)
        return approval.id

    def _approve(self, approve: Approve) -> int | None:
        approval = self._open.pending(approve.id)
        line = self._open.line_of(approval.agent)
        in_force = self._context.repositories.applied(approval.agent).in_force()
        if in_force != approve.in_force and in_force not in self._open.bases_in_line(line, approve.behind):
            raise conflict(f"another configuration of {approval.agent} came into force meanwhile", "look at it again")
        ahead = next((one.id for one in reversed(line) if one.status is ApprovalStatus.APPROVED), None)
        if ahead is not None and ahead != approve.behind:
            raise conflict(f"approval {ahead} of {approval.agent} was approved meanwhile", "look at it again")
        # The line is in the order of these times, also when two fall into one millisecond or the clock is set back.
        at_ms = max([self.clock.now_ms(), *((one.resolved_ms or 0) + 1 for one in line)])
        decided = outcomes.approved(approval, at_ms, first=not line)
        comments, _ = self._comments.going_with(approval.id, approve.comments, at_ms)
        unit = queries.decide(decided, outcomes.decision(decided, approve.by, approve.note), comments)
        self._decide(decided, lambda: store.write(self._directory, unit).get(timeout=WRITE_SECONDS))
        return ahead

    def _deny(self, deny: Deny) -> None:
        now = self.clock.now_ms()
        decided = outcomes.denied(self._open.pending(deny.id), deny.note, now)
        comments, told = self._comments.going_with(deny.id, deny.comments, now)
        unit = queries.decide(decided, outcomes.decision(decided, deny.by), comments)
        self._decide(decided, lambda: broker.post(self._directory, reports.posts(decided, told), extra_write=unit))

    def _withdraw(self, withdraw: Withdraw) -> str:
        """→ what happens, in a sentence."""
        approved = self._open.get(withdraw.id)
        if approved is not None and approved.status is ApprovalStatus.APPROVED and withdraw.by == names.OPERATOR:
            return self._take_back(approved)
        approval = self._open.pending(withdraw.id)
        if approval.requested_by != withdraw.by:
            raise forbidden(
                f"approval {approval.id} was proposed by {approval.requested_by}",
                f"`hive deny {approval.id}` denies it",
            )
        self._cancel(approval, f"withdrawn by {withdraw.by}")
        return "nothing was changed"

    def _take_back(self, approval: Approval) -> str:
        """Undo an approval of the operator's before it is in force."""
        step, now = following(approval.step), self.clock.now_ms()
        if step is None or not can_be_taken_back(approval.step):
            raise conflict(
                f"approval {approval.id} is about to be in force, or is undone already",
                f"`hive revert {approval.id}` takes it back when it is deployed",
            )
        entry, reason = outcomes.taken_back(approval, names.OPERATOR, now), "taken back by the operator"
        if approval.step is ApprovalStep.QUEUED:
            self._end(approval, outcomes.cancelled(approval, reason, now), entry)
            return "nothing was changed: its turn had not come"
        store.write(self._directory, queries.log_entry(entry)).get(timeout=WRITE_SECONDS)
        self._roll_back(approval, step, reason)
        self.tell_self(RetryStep(approval.id))
        return f"{approval.agent} goes back to what it was, and restarts with that when its turn is over"

    def _decide(self, decided: Approval, write: Callable[[], object]) -> None:
        """Write a decision, then deploy it. A decision whose write was refused may be on disk: then that one counts."""
        try:
            write()
        except (HiveError, NoAnswer):
            stored = self._open.settled(decided.id)
            if under_way(stored.step):
                self._open.keep(stored)
                self.tell_self(RetryStep(stored.id))
            raise
        self._open.keep(decided)
        self.tell_self(RetryStep(decided.id))

    # ---- deployment --------------------------------------------------------------------------------

    def _next_step(self, approval_id: int) -> None:
        """Have the next step done; a second call for the same step does it again."""
        approval = self._open.get(approval_id)
        step = None if approval is None else following(approval.step)
        if approval is None or step is None:
            return
        try:
            if step is ApprovalStep.APPROVED:
                self._begin(approval)
            elif step in {ApprovalStep.FINALIZED, ApprovalStep.FAILED}:
                self._close(approval, step)
            else:
                self._directory.tell(self._deployer(approval), Perform(step, approval))
        except (HiveError, SupervisionError) as error:
            log.warning("step put off approval=%s step=%s reason=%s", approval_id, step.value, error)
            self._retry_later(approval)

    def _begin(self, approval: Approval) -> None:
        """Carry out an approval that waited, if it is its turn; when the one before it is closed, it is asked again."""
        if self._open.busy_with(approval.agent) is approval:
            self._open.change(approval, step=ApprovalStep.APPROVED, tries=0)
            self._next_step(approval.id)

    def _performed(self, outcome: Performed) -> None:
        """Note the outcome, on disk first, then go on. A step whose outcome cannot be noted is done again."""
        approval = self._open.get(outcome.id)
        if approval is None or following(approval.step) is not outcome.step:
            return
        try:
            noted = self._note(approval, outcome)
        except (HiveError, SupervisionError) as error:
            log.warning("outcome not noted approval=%s step=%s reason=%s", outcome.id, outcome.step.value, error)
            noted = False
        if noted:
            self._next_step(outcome.id)
        else:
            self._retry_later(approval)

    def _note(self, approval: Approval, outcome: Performed) -> bool:
        """Write the outcome down; False when the step is to be done again, after a pause."""
        if outcome.refusal is None:
            self._note_done(approval, outcome)
        elif outcome.transient or after_refusal(approval.step) is None:
            self._note_try(approval, outcome.refusal.message)
            return False
        else:
            self._roll_back(approval, outcome.step, outcome.refusal.message)
        return True

    def _note_done(self, approval: Approval, outcome: Performed) -> None:
        changes: dict[str, Any] = {"step": outcome.step, "tries": 0}
        if outcome.tag is not None:
            changes["tag"] = outcome.tag
        if outcome.facts is not None:
            changes |= {"base_sha": outcome.facts.base_sha, "existed": outcome.facts.existed}
        changed = self._open.change(approval, **changes)
        if not under_way(changed.step):
            self._drop(changed)

    def _roll_back(self, approval: Approval, refused: ApprovalStep, reason: str) -> None:
        """Change direction to the roll-back, or go on with it past the refused step."""
        log.warning("step refused approval=%s step=%s reason=%s", approval.id, refused.value, reason)
        done = after_refusal(approval.step)
        self._open.change(approval, step=done, tries=0, note=outcomes.refusal_note(approval.note, refused, reason))

    def _resume(self, approval: Approval) -> None:
        """Take up a deployment that a restart of the daemon cut off. It counts as a try: a step may kill the daemon."""
        if approval.step is not ApprovalStep.QUEUED:
            self._note_try(approval, "the daemon was restarted")
        self.tell_self(RetryStep(approval.id))

    def _note_try(self, approval: Approval, how: str) -> None:
        """Count a step that was begun and not finished. After `MAX_TRIES` it counts as refused."""
        tries, step = approval.tries + 1, following(approval.step)
        try:
            if after_crash(approval.step, tries) is None or step is None:
                self._open.change(approval, tries=tries)
            else:
                self._roll_back(approval, step, how)
        except (HiveError, SupervisionError) as error:
            # The step is tried again all the same: a full disk must not leave the approval where it is.
            log.warning("try not noted approval=%s reason=%s", approval.id, error)

    def _deployer_ended(self, name: str, exit_reason: Exit) -> None:
        approval = self._open.get(int(name.rpartition("/")[2]))
        if approval is None or exit_reason.orderly:
            return
        self._note_try(approval, str(exit_reason))
        self._retry_later(approval)

    def _close(self, approval: Approval, step: ApprovalStep) -> None:
        """The end of a deployment in either direction: the row and its events in one transaction."""
        self._end(approval, outcomes.closed(approval, step, self.clock.now_ms()))

    def _end(self, approval: Approval, ended: Approval, entry: Decision | None = None) -> None:
        try:
            posts = reports.posts(ended, *self._comments.of_decision(ended.id))
            broker.post(self._directory, posts, extra_write=queries.close(ended, approval.step, entry))
        except (HiveError, NoAnswer):
            # This try or an earlier one may have committed although its answer did not come.
            if self._open.settled(approval.id).step is not ended.step:
                raise
        log.info("ended approval=%s agent=%s status=%s note=%s", ended.id, ended.agent, ended.status.value, ended.note)
        self._open.keep(ended)
        self._drop(ended)

    # ---- rows and deployers --------------------------------------------------------------------------

    def _cancel(self, approval: Approval, reason: str) -> None:
        self._end(approval, outcomes.cancelled(approval, reason, self.clock.now_ms()))

    def _mark_proposal(self, approval: Approval) -> None:
        applied = self._context.repositories.applied(approval.agent)
        if approval.notes_sha is not None:
            applied.keep_notes(approval.id, approval.notes_sha)
        tag = applied.mark(Mark.PROPOSAL, approval.id, approval.sha, at_ms=approval.requested_ms)
        if approval.tag != tag:
            self._open.change(approval, tag=tag)

    def _deployer(self, approval: Approval) -> str:
        name = deployer_name(approval.id)
        if self._directory.whereis(name) is None:
            spec = deployer_spec(
                approval.id,
                context=self._context,
                containers=self._containers,
                directory=self._directory,
                clock=self.clock,
            )
            start_child(self._directory, DEPLOYERS, spec)
            self._directory.monitor(name, self.name)
        return name

    def _drop(self, approval: Approval) -> None:
        """The approval is closed: forget it and end its deployer."""
        self._open.drop(approval.id)
        name = deployer_name(approval.id)
        if self._directory.whereis(name) is not None:
            self._directory.demonitor(name, self.name)
            try:
                terminate_child(self._directory, DEPLOYERS, str(approval.id))
            except ChildRefused as refusal:
                log.debug("already gone deployer=%s reason=%s", name, refusal.reason)
        following_one = self._open.busy_with(approval.agent)
        if following_one is not None:
            self.tell_self(RetryStep(following_one.id))
        # Changes of its agent during the deployment were left to the deployer.
        self.tell_self(Reconcile())

    # ---- agents come and go ------------------------------------------------------------------------

    def _reconcile(self) -> None:
        """Compare with the agents that exist, again later while these cannot be listed. Deployers keep their own."""
        now = self.clock.now_ms()
        try:
            existing = set(self._containers.names())
            for approval in self._open:
                if approval.step is ApprovalStep.FILED:
                    self._check_filed(approval, existing)
            busy = {approval.agent for approval in self._open if under_way(approval.step)}
            reconcile.sync_history(self._context.repositories, existing, leave=busy, at_ms=now)
        except (HiveError, SupervisionError) as error:
            log.info("agents not compared yet reason=%s", error)
            self.tell_after(RECONCILE_SECONDS, Reconcile())
        emit(self._directory, "drafts", {})

    def _check_again(self, agent: str) -> None:
        """A harness that lacks its login, or whose check failed, does not ask for mail: its deployer looks again."""
        busy = self._open.busy_with(agent)
        if busy is not None:
            self._directory.tell(deployer_name(busy.id), CheckReady())

    def _check_filed(self, approval: Approval, existing: set[str]) -> None:
        """Cancel a proposal that is obsolete; tag one that the daemon was killed before it could tag."""
        reason = reconcile.obsolete(approval, existing, self._context.repositories.applied(approval.agent))
        if reason is not None:
            self._cancel(approval, reason)
        elif approval.tag is None:
            self._mark_proposal(approval)

    # ---- timers ------------------------------------------------------------------------------------

    def _retry_later(self, approval: Approval) -> None:
        self.tell_after(min(PAUSE_SECONDS * (1 + approval.tries), MAX_PAUSE_SECONDS), RetryStep(approval.id))
