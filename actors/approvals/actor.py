"""The approval queue: what waits for the operator's word, and the carrying out of it.

Owns the tables `approvals` and `decisions`, of which it is the only writer, and the children of `approvals/hands`.
Promises: a decision is on disk with its row in the log before it is answered, and there is one per approval; what was
approved is carried out or rolled back completely, also when the daemon is killed at any step; the end of an approval
and the events that tell of it are one transaction. Emits operator events: `approval` with the whole row when it has
changed, `drafts` when the set of drafts may have changed.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from actors.agent.repos import Mark
from actors.approvals import census, queries, reports
from actors.approvals.approval import Approval
from actors.approvals.book import WRITE_SECONDS, Book
from actors.approvals.carrier import carrier_spec
from actors.approvals.chain import Decision, Verdict
from actors.approvals.containers import Containers
from actors.approvals.host import ApprovalHost
from actors.approvals.messages import (
    HANDS,
    Approve,
    AskAgain,
    AskHost,
    Deny,
    File,
    LoginNeeded,
    Perform,
    Performed,
    Reconcile,
    TryAgain,
    carrier_name,
)
from actors.approvals.states import ApprovalKind, ApprovalStatus
from actors.approvals.steps import Step, after_crash, after_refusal, following, under_way
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
    SupervisionError,
    start_child,
    terminate_child,
)
from harness.wire import names
from harness.wire.errors import HiveError, conflict

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
"""Before a step is tried again; grows with the tries."""
MAX_PAUSE_SECONDS = 60.0
RECONCILE_SECONDS = 5.0
MAX_PENDING = 20
"""Of one agent. More than that nobody looks through; it is a loop."""


class QueueActor(Actor):
    """`approvals/queue`. Messages are in `messages.py`."""

    def __init__(self, *, host: ApprovalHost, containers: Containers, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._host = host
        self._containers = containers
        self._directory = directory
        self._book = Book(directory)

    def on_start(self) -> None:
        self._book.load()
        for approval in self._book:
            if under_way(approval.step):
                self._begun_before(approval)
        self.tell_self(Reconcile())

    def state_word(self) -> str:
        busy = sum(under_way(one.step) for one in self._book)
        return f"{sum(1 for _ in self._book) - busy} pending, {busy} under way"

    def handle(self, message: object) -> Any:
        match message:
            case AskHost():
                return self._host
            case File():
                return self._file(message)
            case Approve():
                self._approve(message)
            case Deny():
                self._deny(message)
            case Performed():
                self._performed(message)
            case TryAgain(id_):
                self._go_on(id_)
            case Down(name, exit_reason):
                self._carrier_ended(name, exit_reason)
            case Reconcile():
                self._reconcile()
            case LoginNeeded(agent):
                self._login_needed(agent)
        return None

    # ---- what is asked of it -----------------------------------------------------------------------

    def _file(self, wanted: File) -> int:
        waiting, busy = self._book.pending_of(wanted.agent), self._book.busy_with(wanted.agent)
        shown = names.broker_name(wanted.agent)
        if wanted.kind is ApprovalKind.SPAWN and busy is not None:
            raise conflict(f"approval {busy.id} of {shown} is being carried out", "wait for its end")
        if wanted.kind is ApprovalKind.SPAWN and waiting:
            raise conflict(f"approval {waiting[0].id} to spawn {shown} waits already", "the operator decides first")
        if len(waiting) >= MAX_PENDING:
            raise conflict(f"{len(waiting)} approvals of {shown} wait already", "the operator decides first")
        approval = self._book.file(
            Approval(
                id=0,
                agent=wanted.agent,
                kind=wanted.kind,
                status=ApprovalStatus.PENDING,
                step=Step.FILED,
                requested_ms=self.clock.now_ms(),
                commit_ref=wanted.commit_ref,
                sha=wanted.sha,
                requested_by=wanted.requested_by,
                description=wanted.description,
            )
        )
        try:
            self._mark_proposal(approval)
        except HiveError as error:
            self._cancel(approval, f"it could not be tagged: {error.message}")
            raise
        log.info("filed approval=%s agent=%s kind=%s", approval.id, approval.agent, approval.kind.value)
        return approval.id

    def _approve(self, approve: Approve) -> None:
        approval = self._book.pending(approve.id)
        other = self._book.busy_with(approval.agent)
        if other is not None:
            raise conflict(f"approval {other.id} of the same agent is being carried out", "try again when it has ended")
        decided = replace(approval, status=ApprovalStatus.APPROVED, step=Step.APPROVED, resolved_ms=self.clock.now_ms())
        unit = queries.decide(decided, self._decision(decided, Verdict.APPROVED, approve.by))
        self._decide(decided, lambda: store.write(self._directory, unit).get(timeout=WRITE_SECONDS))

    def _deny(self, deny: Deny) -> None:
        approval = self._book.pending(deny.id)
        decided = replace(
            approval,
            status=ApprovalStatus.DENIED,
            step=Step.DENIED,
            resolved_ms=self.clock.now_ms(),
            note=(deny.note or "").strip() or None,
            tag=f"{Mark.DENIED}/{approval.id}",
        )
        unit = queries.decide(decided, self._decision(decided, Verdict.DENIED, deny.by))
        self._decide(decided, lambda: broker.post(self._directory, reports.posts(decided), extra_write=unit))

    def _decide(self, decided: Approval, write: Callable[[], object]) -> None:
        """Write a decision, then have it carried out. One that is refused may be on disk: then that one counts."""
        try:
            write()
        except HiveError:
            stored = self._book.settled(decided.id)
            if under_way(stored.step):
                self._book.keep(stored)
                self.tell_self(TryAgain(stored.id))
            raise
        self._book.keep(decided)
        self.tell_self(TryAgain(decided.id))

    # ---- carrying out ------------------------------------------------------------------------------

    def _go_on(self, approval_id: int) -> None:
        """Have the next step done; called again for the same step it is done again."""
        approval = self._book.get(approval_id)
        step = None if approval is None else following(approval.step)
        if approval is None or step is None:
            return
        try:
            if step in {Step.FINALIZED, Step.FAILED}:
                self._close(approval, step)
            else:
                self._directory.tell(self._carrier(approval), Perform(step, approval))
        except (HiveError, SupervisionError) as error:
            log.warning("step put off approval=%s step=%s reason=%s", approval_id, step.value, error)
            self._later(approval)

    def _performed(self, outcome: Performed) -> None:
        """Note it, on disk first, and go on. What can not be noted just now is done once more."""
        approval = self._book.get(outcome.id)
        if approval is None or following(approval.step) is not outcome.step:
            return
        try:
            noted = self._note(approval, outcome)
        except (HiveError, SupervisionError) as error:
            log.warning("outcome not noted approval=%s step=%s reason=%s", outcome.id, outcome.step.value, error)
            noted = False
        if noted:
            self._go_on(outcome.id)
        else:
            self._later(approval)

    def _note(self, approval: Approval, outcome: Performed) -> bool:
        """False when the step is to be done once more, after a pause."""
        if outcome.refusal is None:
            self._note_done(approval, outcome)
        elif outcome.passing or after_refusal(approval.step) is None:
            self._note_try(approval, outcome.refusal.message)
            return False
        else:
            self._turn(approval, outcome.step, outcome.refusal.message)
        return True

    def _note_done(self, approval: Approval, outcome: Performed) -> None:
        changes: dict[str, Any] = {"step": outcome.step, "tries": 0}
        if outcome.tag is not None:
            changes["tag"] = outcome.tag
        if outcome.facts is not None:
            changes |= {"base_sha": outcome.facts.base_sha, "existed": outcome.facts.existed}
        changed = self._book.change(approval, **changes)
        if not under_way(changed.step):
            self._drop(changed)

    def _turn(self, approval: Approval, refused: Step, reason: str) -> None:
        """Onto the way back, or further along it."""
        log.warning("step refused approval=%s step=%s reason=%s", approval.id, refused.value, reason)
        done = after_refusal(approval.step)
        self._book.change(approval, step=done, tries=0, note=_reason(approval.note, refused, reason))

    def _begun_before(self, approval: Approval) -> None:
        """Under way when the host ended. That counts as a try: a step that takes the host down must not for ever."""
        self._note_try(approval, "the host was restarted")
        self.tell_self(TryAgain(approval.id))

    def _note_try(self, approval: Approval, how: str) -> None:
        """A step was begun and not finished. After so many tries it counts as refused."""
        tries, step = approval.tries + 1, following(approval.step)
        try:
            if after_crash(approval.step, tries) is None or step is None:
                self._book.change(approval, tries=tries)
            else:
                self._turn(approval, step, how)
        except (HiveError, SupervisionError) as error:
            # It is tried again all the same: a disk that is full must not leave it where it is.
            log.warning("try not noted approval=%s reason=%s", approval.id, error)

    def _carrier_ended(self, name: str, exit_reason: Exit) -> None:
        approval = self._book.get(int(name.rpartition("/")[2]))
        if approval is None or exit_reason.orderly:
            return
        self._note_try(approval, str(exit_reason))
        self._later(approval)

    def _close(self, approval: Approval, step: Step) -> None:
        """The end of the way, forth or back: the row and the events that tell of it in one transaction."""
        ended = replace(approval, step=step, tries=0)
        if step is Step.FAILED:
            ended = replace(ended, status=ApprovalStatus.FAILED, resolved_ms=self.clock.now_ms())
        self._end(approval, ended)

    def _end(self, approval: Approval, ended: Approval) -> None:
        try:
            broker.post(self._directory, reports.posts(ended), extra_write=queries.close(ended, approval.step))
        except HiveError:
            # The commit of an earlier try may have been answered too late for us to hear of it.
            if self._book.settled(approval.id).step is not ended.step:
                raise
        log.info("ended approval=%s agent=%s status=%s note=%s", ended.id, ended.agent, ended.status.value, ended.note)
        self._book.keep(ended)
        self._drop(ended)

    # ---- private work ------------------------------------------------------------------------------

    def _decision(self, decided: Approval, verdict: Verdict, by: str) -> Decision:
        return Decision(
            id=0,
            at_ms=self.clock.now_ms(),
            approval_id=decided.id,
            agent=decided.agent,
            kind=decided.kind.value,
            verdict=verdict.value,
            sha=decided.sha,
            decided_by=by,
            note=decided.note,
        )

    def _cancel(self, approval: Approval, reason: str) -> None:
        ended = replace(
            approval,
            status=ApprovalStatus.CANCELLED,
            step=Step.CLOSED,
            note=reason,
            resolved_ms=self.clock.now_ms(),
        )
        self._end(approval, ended)

    def _mark_proposal(self, approval: Approval) -> None:
        applied = self._host.repositories.applied(approval.agent)
        tag = applied.mark(Mark.PROPOSAL, approval.id, approval.sha, at_ms=approval.requested_ms)
        if approval.tag != tag:
            self._book.change(approval, tag=tag)

    def _carrier(self, approval: Approval) -> str:
        name = carrier_name(approval.id)
        if self._directory.whereis(name) is None:
            spec = carrier_spec(
                approval.id,
                host=self._host,
                containers=self._containers,
                directory=self._directory,
                clock=self.clock,
            )
            start_child(self._directory, HANDS, spec)
            self._directory.monitor(name, self.name)
        return name

    def _drop(self, approval: Approval) -> None:
        """It is closed: nothing is left to do, nobody left to do it."""
        self._book.drop(approval.id)
        name = carrier_name(approval.id)
        if self._directory.whereis(name) is not None:
            self._directory.demonitor(name, self.name)
            try:
                terminate_child(self._directory, HANDS, str(approval.id))
            except ChildRefused as refusal:
                log.debug("already gone carrier=%s reason=%s", name, refusal.reason)
        # What became of its agent meanwhile was left to the carrier.
        self.tell_self(Reconcile())

    # ---- agents come and go ------------------------------------------------------------------------

    def _reconcile(self) -> None:
        """Compare with the roster. One that is away is asked again; what is under way is left to its carrier."""
        now = self.clock.now_ms()
        try:
            there = set(self._containers.names())
            for approval in self._book:
                if approval.step is Step.FILED:
                    self._look_at(approval, there)
            busy = {approval.agent for approval in self._book if under_way(approval.step)}
            census.catch_up(self._host.repositories, there, leave=busy, at_ms=now)
        except (HiveError, SupervisionError) as error:
            log.info("agents not compared yet reason=%s", error)
            self.tell_after(RECONCILE_SECONDS, Reconcile())
        emit(self._directory, "drafts", {})

    def _login_needed(self, agent: str) -> None:
        """Its harness is up and can not ask for mail: whoever waits for that looks again."""
        busy = self._book.busy_with(agent)
        if busy is not None:
            self._directory.tell(carrier_name(busy.id), AskAgain())

    def _look_at(self, approval: Approval, there: set[str]) -> None:
        """One that waits: cancelled when it can not be any more; tagged, if the host was killed before it was."""
        reason = census.obsolete(approval, there, self._host.repositories.applied(approval.agent))
        if reason is not None:
            self._cancel(approval, reason)
        elif approval.tag is None:
            self._mark_proposal(approval)

    # ---- timers ------------------------------------------------------------------------------------

    def _later(self, approval: Approval) -> None:
        self.tell_after(min(PAUSE_SECONDS * (1 + approval.tries), MAX_PAUSE_SECONDS), TryAgain(approval.id))


def _reason(before: str | None, step: Step, why: str) -> str:
    """The first reason, and whatever could not be undone because of another."""
    said = f"not {step.value}: {why}"
    return said if before is None else f"{before}; {said}"
