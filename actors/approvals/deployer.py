"""The deployer of one approval: takes each step that the queue orders.

Owns nothing and decides nothing. Promises: every step may be done again after it was cut off anywhere; the outcome of
each goes to the queue as `Performed`. A refusal (HiveError) is an outcome, and so is a component that is away or late;
any other exception ends this actor. The queue decides what follows.
"""

import logging
from typing import Any

from actors.agent.repos import CONFIG_FILE, Applied, Mark
from actors.agent.repos.notes import put as put_notes
from actors.approvals.approval import Approval
from actors.approvals.containers import Containers
from actors.approvals.context import ApprovalContext
from actors.approvals.messages import (
    QUEUE,
    AskedForMail,
    CheckReady,
    Facts,
    Perform,
    Performed,
    ReadyTimeout,
    Restarted,
)
from actors.approvals.states import ApprovalKind
from actors.approvals.steps import ApprovalStep
from actors.supervision import (
    Actor,
    ChildSpec,
    Clock,
    Directory,
    Down,
    Exit,
    ExitKind,
    NoAnswer,
    Promise,
    Restart,
    SupervisionError,
    Timer,
)
from harness.wire.errors import HiveError, conflict, unavailable

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
"""Pause before the next look at the harness, after a component that was away or an agent that ended."""


def deployer_spec(
    approval_id: int, *, context: ApprovalContext, containers: Containers, directory: Directory, clock: Clock
) -> ChildSpec:
    """A child of `approvals/deployers`. Temporary: the queue counts the tries and decides on the next one."""
    return ChildSpec(
        str(approval_id),
        lambda: DeployerActor(context=context, containers=containers, directory=directory, clock=clock),
        restart=Restart.TEMPORARY,
    )


class DeployerActor(Actor):
    """`approvals/deployers/<id>`."""

    def __init__(self, *, context: ApprovalContext, containers: Containers, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._context = context
        self._containers = containers
        self._directory = directory
        self._restarting: Perform | None = None
        self._waiting: Perform | None = None
        self._since_ms = 0
        self._asked_for_mail = False
        self._timer: Timer | None = None

    def state_word(self) -> str:
        if self._restarting is not None:
            return "waiting for the restart"
        return "waiting for the harness" if self._waiting is not None else "running"

    def handle(self, message: object) -> Any:
        match message:
            case Perform():
                self._perform(message)
            case Restarted(perform, outcome) if perform is self._restarting:
                self._restarted(perform, outcome)
            case AskedForMail():
                self._check_works()
            case CheckReady():
                self._check_ready()
            case ReadyTimeout():
                self._timed_out()
            case Down(_, exit_reason) if exit_reason.kind is not ExitKind.NOT_RUNNING:
                self._agent_down(exit_reason)
        return None

    # ---- steps -----------------------------------------------------------------------------------

    def _perform(self, perform: Perform) -> None:
        approval, step = perform.approval, perform.step
        log.info("step approval=%s agent=%s step=%s", approval.id, approval.agent, step.value)
        outcome = Performed(approval.id, step)
        self._restarting = None
        restart: Promise[None] | None = None
        try:
            match step:
                case ApprovalStep.TAGGED:
                    outcome = self._tag(approval)
                case ApprovalStep.SWAPPED:
                    self._put_in_force(approval.agent, approval.sha)
                case ApprovalStep.REBUILT:
                    restart = self._rebuild(approval)
                case ApprovalStep.HEALTHY:
                    self._await_health(perform)
                    return
                case ApprovalStep.RECORDED:
                    outcome = self._record(approval)
                case ApprovalStep.UNSWAPPED:
                    self._unswap(approval)
                case ApprovalStep.RESTORED:
                    restart = self._restore(approval)
                case ApprovalStep.REFUSED:
                    outcome = self._mark(approval, step, Mark.FAILED, note=approval.note)
                case ApprovalStep.CLOSED:
                    outcome = self._mark(approval, step, Mark.DENIED, note=approval.note or "denied")
                case _:
                    raise ValueError(f"{step.value} is no step of a deployer")
        except (HiveError, SupervisionError) as error:
            outcome = _refused(perform, error)
        if restart is None:
            self._report(outcome)
        else:
            self._restarting = perform
            restart.then(lambda done: self.tell_self(Restarted(perform, done)))

    def _restarted(self, perform: Perform, outcome: Promise[None]) -> None:
        """Its turn may have taken long: this actor could be stopped meanwhile, and the next one asks anew."""
        self._restarting = None
        if outcome.error is None:
            self._report(Performed(perform.approval.id, perform.step))
        elif isinstance(outcome.error, HiveError | SupervisionError):
            self._report(_refused(perform, outcome.error))
        else:
            raise outcome.error

    def _tag(self, approval: Approval) -> Performed:
        """Find out what is in force before anything changes, and only once: a second look might see the new commit."""
        applied = self._context.repositories.applied(approval.agent)
        facts = None
        if approval.existed is None:
            facts = Facts(applied.in_force(), approval.agent in self._containers.names())
            if facts.existed and approval.kind is ApprovalKind.SPAWN:
                raise conflict(f"there is an agent {approval.agent!r} already")
            if not facts.existed and approval.kind is ApprovalKind.APPLY_COMMIT:
                raise conflict(f"there is no agent {approval.agent!r} any more")
        applied.mark(Mark.APPROVED, approval.id, approval.sha, at_ms=self.clock.now_ms())
        tag = applied.mark(Mark.BUILDING, approval.id, approval.sha, at_ms=self.clock.now_ms())
        if self._context.build is not None:
            # Here a refusal costs nothing: no later step has begun.
            self._context.build(approval.agent, self._context.check(applied.text(approval.sha, CONFIG_FILE)))
        return Performed(approval.id, ApprovalStep.TAGGED, facts=facts, tag=tag)

    def _put_in_force(self, agent: str, sha: str) -> None:
        self._context.repositories.applied(agent).swap(sha)
        self._containers.note_deployed(agent, sha)

    def _rebuild(self, approval: Approval) -> Promise[None] | None:
        if approval.kind is not ApprovalKind.SPAWN:
            return self._containers.rebuild(approval.agent)
        self._lay_out_notes(approval)
        self._containers.spawn(approval.agent)
        self._containers.note_deployed(approval.agent, approval.sha)
        return None

    def _lay_out_notes(self, approval: Approval) -> None:
        """Put the approved notes into the state of the new agent, unless a destroyed agent has left something there."""
        if approval.notes_sha is None or approval.agent in self._containers.names():
            return
        repositories = self._context.repositories
        state_dir = repositories.workspace.state_dir
        steps = repositories.workspace.of(approval.agent).state.relative_to(state_dir).parts
        with repositories.applied(approval.agent).exported(approval.notes_sha) as tree:
            if not put_notes(tree, state_dir, steps):
                log.warning("kept the state that was left agent=%s approval=%s", approval.agent, approval.id)

    def _record(self, approval: Approval) -> Performed:
        """Set the tags, then write the history of the swarm: it comes last, so it never runs ahead of the tags."""
        applied = self._context.repositories.applied(approval.agent)
        now = self.clock.now_ms()
        if approval.base_sha is None:
            applied.mark(Mark.DEPLOYED, 0, approval.sha, at_ms=now)
        tag = applied.mark(Mark.DEPLOYED, approval.id, approval.sha, at_ms=now)
        self._context.repositories.meta.record(approval.agent, approval.sha, tag, applied.git, at_ms=now)
        try:
            applied.prune([approval.sha])
        except OSError as error:
            # Files of an older commit do no harm: no reason to roll a deployment back.
            log.warning("old files are left approval=%s error=%s", approval.id, error)
        return Performed(approval.id, ApprovalStep.RECORDED, tag=tag)

    def _unswap(self, approval: Approval) -> None:
        if approval.existed is None:
            return
        applied = self._context.repositories.applied(approval.agent)
        if applied.exists:
            applied.unmark(Mark.DEPLOYED, approval.id)
            if approval.base_sha is None:
                applied.unmark(Mark.DEPLOYED, 0)
                applied.clear()
            else:
                self._put_in_force(approval.agent, approval.base_sha)
        self._unrecord(approval, applied)

    def _unrecord(self, approval: Approval, applied: Applied) -> None:
        """Undo the record in the swarm's history: `recorded` may have been cut off after its work was done."""
        meta, now = self._context.repositories.meta, self.clock.now_ms()
        recorded = meta.deployed().get(approval.agent, {}).get("tag")
        if recorded != f"{Mark.DEPLOYED}/{approval.id}":
            return
        tag = None if approval.base_sha is None else applied.deployed_tag(approval.base_sha)
        if not approval.existed or approval.base_sha is None or tag is None:
            meta.forget(approval.agent, at_ms=now)
        else:
            meta.record(approval.agent, approval.base_sha, tag, applied.git, at_ms=now)

    def _restore(self, approval: Approval) -> Promise[None] | None:
        """Start the container with what is in force again; one that never saw the change is left alone."""
        if approval.existed:
            return self._containers.rebuild(approval.agent)
        if approval.existed is not None and approval.kind is ApprovalKind.SPAWN:
            self._containers.remove(approval.agent)
        return None

    def _mark(self, approval: Approval, step: ApprovalStep, mark: Mark, note: str | None) -> Performed:
        applied = self._context.repositories.applied(approval.agent)
        if not applied.holds(approval.sha):
            return Performed(approval.id, step)  # purged meanwhile: there is no commit to tag
        tag = applied.mark(
            mark, approval.id, approval.sha, at_ms=self.clock.now_ms(), note=note or "no reason was given"
        )
        return Performed(approval.id, step, tag=tag)

    # ---- the health gate ---------------------------------------------------------------------------

    def _await_health(self, perform: Perform) -> None:
        """Wait without blocking: this actor can be stopped meanwhile, and its successor waits anew."""
        if self._timer is not None:
            self._timer.cancel()
        self._waiting = perform
        self._since_ms = self.clock.running_ms()
        self._asked_for_mail = False
        self._timer = self.tell_after(self._context.ready_seconds, ReadyTimeout())
        self._check_ready()

    def _check_ready(self) -> None:
        if self._waiting is None:
            return
        approval = self._waiting.approval
        self._directory.monitor(f"agents/{approval.agent}", self.name)
        try:
            self._containers.works(approval.agent, approval.sha)
            self._containers.ready(approval.agent, self._since_ms).then(self._checked)
        except HiveError as error:
            self._end_wait(error)
        except NoAnswer:
            self.tell_after(CHECK_SECONDS, CheckReady())

    def _checked(self, promise: Promise[None]) -> None:
        """A broker that is away tells nothing about the agent; the deadline bounds the checks."""
        if promise.error is None:
            self.tell_self(AskedForMail())
        else:
            self.tell_after(CHECK_SECONDS, CheckReady())

    def _check_works(self) -> None:
        """Its harness takes mail: end the wait if Claude works. What the harness found can be on its way still."""
        if self._waiting is None:
            return
        self._asked_for_mail = True
        approval = self._waiting.approval
        try:
            if self._containers.works(approval.agent, approval.sha):
                self._end_wait(None)
                return
        except HiveError as error:
            self._end_wait(error)
            return
        except NoAnswer as error:
            log.info("not checked yet approval=%s reason=%s", approval.id, error)
        self.tell_after(CHECK_SECONDS, CheckReady())

    def _timed_out(self) -> None:
        """Refuse the step, unless the agent was stopped or paused meanwhile: then its harness is not waited for."""
        if self._waiting is None:
            return
        approval = self._waiting.approval
        try:
            ready = self._containers.ready(approval.agent, self._since_ms)
            excused = ready.done and ready.error is None and self._containers.works(approval.agent, approval.sha)
        except HiveError:
            excused = False
        except NoAnswer:  # the agent may have asked long ago: a busy component is no reason to roll back
            self._timer = self.tell_after(CHECK_SECONDS, ReadyTimeout())
            return
        what = "open Claude" if self._asked_for_mail else "ask for mail"
        late = f"its harness did not {what} within {self._context.ready_seconds:g} s"
        self._end_wait(None if excused else unavailable(late))

    def _agent_down(self, exit_reason: Exit) -> None:
        """Refuse the step when its supervisor gave the agent up; else it restarts or was stopped: check again."""
        if exit_reason.orderly and exit_reason.detail:
            self._end_wait(unavailable(f"its container was given up: {exit_reason.detail}"))
        else:
            self.tell_after(CHECK_SECONDS, CheckReady())

    def _end_wait(self, refusal: HiveError | None) -> None:
        perform, self._waiting = self._waiting, None
        if perform is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._directory.demonitor(f"agents/{perform.approval.agent}", self.name)
        self._report(Performed(perform.approval.id, perform.step, refusal=refusal))

    def _report(self, outcome: Performed) -> None:
        self._directory.tell(QUEUE, outcome)


def _refused(perform: Perform, error: HiveError | SupervisionError) -> Performed:
    """The outcome of a step that was refused, or whose component was away or late."""
    if isinstance(error, HiveError):
        return Performed(perform.approval.id, perform.step, refusal=error)
    refusal = HiveError(error.code, str(error), error.hint)
    return Performed(perform.approval.id, perform.step, refusal=refusal, transient=True)
