"""The hand of the queue: carries out one approval, step by step as it is told.

Owns nothing and decides nothing. Promises: every step may be done again after it was cut off anywhere; the outcome
of each goes to the queue as `Performed`. A refusal (HiveError) is an outcome, and so is a room that is away or late;
anything else ends this actor. The queue decides what follows.
"""

import logging
from typing import Any

from actors.agent.repos import CONFIG_FILE, Applied, Mark
from actors.approvals.approval import Approval
from actors.approvals.containers import Containers
from actors.approvals.host import ApprovalHost
from actors.approvals.messages import QUEUE, AskAgain, AskedForMail, Facts, NotReady, Perform, Performed
from actors.approvals.states import ApprovalKind
from actors.approvals.steps import Step
from actors.supervision import (
    Actor,
    ChildSpec,
    Clock,
    Directory,
    Down,
    Exit,
    ExitKind,
    Promise,
    Restart,
    SupervisionError,
    Timer,
)
from harness.wire.errors import HiveError, conflict, unavailable

log = logging.getLogger(__name__)

ASK_AGAIN_SECONDS = 1.0
"""Pause before a broker that was away is asked again whether the harness is ready."""


def carrier_spec(
    approval_id: int, *, host: ApprovalHost, containers: Containers, directory: Directory, clock: Clock
) -> ChildSpec:
    """A child of `approvals/hands`. Temporary: whether it is started again is the queue's to decide, which counts."""
    return ChildSpec(
        str(approval_id),
        lambda: CarrierActor(host=host, containers=containers, directory=directory, clock=clock),
        restart=Restart.TEMPORARY,
    )


class CarrierActor(Actor):
    """`approvals/hands/<id>`."""

    def __init__(self, *, host: ApprovalHost, containers: Containers, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._host = host
        self._containers = containers
        self._directory = directory
        self._waiting: Perform | None = None
        self._since_ms = 0
        self._timer: Timer | None = None

    def state_word(self) -> str:
        return "waiting for the harness" if self._waiting is not None else "running"

    def handle(self, message: object) -> Any:
        match message:
            case Perform():
                self._perform(message)
            case AskedForMail():
                self._waited(None)
            case AskAgain():
                self._ask_whether_ready()
            case NotReady():
                self._too_late()
            case Down(_, exit_reason) if exit_reason.kind is not ExitKind.NOT_RUNNING:
                self._agent_down(exit_reason)
        return None

    # ---- steps -----------------------------------------------------------------------------------

    def _perform(self, perform: Perform) -> None:
        approval, step = perform.approval, perform.step
        log.info("step approval=%s agent=%s step=%s", approval.id, approval.agent, step.value)
        outcome = Performed(approval.id, step)
        try:
            match step:
                case Step.TAGGED:
                    outcome = self._tag(approval)
                case Step.SWAPPED:
                    self._put_in_force(approval.agent, approval.sha)
                case Step.REBUILT:
                    self._rebuild(approval)
                case Step.HEALTHY:
                    self._await_health(perform)
                    return
                case Step.RECORDED:
                    outcome = self._record(approval)
                case Step.UNSWAPPED:
                    self._unswap(approval)
                case Step.RESTORED:
                    self._restore(approval)
                case Step.REFUSED:
                    outcome = self._mark(approval, step, Mark.FAILED, note=approval.note)
                case Step.CLOSED:
                    outcome = self._mark(approval, step, Mark.DENIED, note=approval.note or "denied")
                case _:
                    raise ValueError(f"{step.value} is not a carrier's step")
        except HiveError as error:
            outcome = Performed(approval.id, step, refusal=error)
        except SupervisionError as error:
            refusal = HiveError(error.code, str(error), error.hint)
            outcome = Performed(approval.id, step, refusal=refusal, passing=True)
        self._tell(outcome)

    def _tag(self, approval: Approval) -> Performed:
        """What was before is found out before anything changes, and once: a second look might see our own work."""
        applied = self._host.repositories.applied(approval.agent)
        facts = None
        if approval.existed is None:
            facts = Facts(applied.in_force(), approval.agent in self._containers.names())
            if facts.existed and approval.kind is ApprovalKind.SPAWN:
                raise conflict(f"there is an agent {approval.agent!r} already")
            if not facts.existed and approval.kind is ApprovalKind.APPLY_COMMIT:
                raise conflict(f"there is no agent {approval.agent!r} any more")
        applied.mark(Mark.APPROVED, approval.id, approval.sha, at_ms=self.clock.now_ms())
        tag = applied.mark(Mark.BUILDING, approval.id, approval.sha, at_ms=self.clock.now_ms())
        if self._host.build is not None:
            # A refusal is still one of this step, before which nothing was touched.
            self._host.build(approval.agent, self._host.check(applied.text(approval.sha, CONFIG_FILE)))
        return Performed(approval.id, Step.TAGGED, facts=facts, tag=tag)

    def _put_in_force(self, agent: str, sha: str) -> None:
        self._host.repositories.applied(agent).swap(sha)
        self._containers.note_deployed(agent, sha)

    def _rebuild(self, approval: Approval) -> None:
        if approval.kind is ApprovalKind.SPAWN:
            self._containers.spawn(approval.agent)
            self._containers.note_deployed(approval.agent, approval.sha)
        else:
            self._containers.rebuild(approval.agent)

    def _record(self, approval: Approval) -> Performed:
        """The history of the swarm last: then everything says so."""
        applied = self._host.repositories.applied(approval.agent)
        now = self.clock.now_ms()
        if approval.base_sha is None:
            applied.mark(Mark.DEPLOYED, 0, approval.sha, at_ms=now)
        tag = applied.mark(Mark.DEPLOYED, approval.id, approval.sha, at_ms=now)
        self._host.repositories.meta.record(approval.agent, approval.sha, tag, applied.git, at_ms=now)
        try:
            applied.prune([approval.sha])
        except OSError as error:
            # What was written out before is of no use and of no harm: no reason to take a deployment back.
            log.warning("old files are left approval=%s error=%s", approval.id, error)
        return Performed(approval.id, Step.RECORDED, tag=tag)

    def _unswap(self, approval: Approval) -> None:
        if approval.existed is None:
            return
        applied = self._host.repositories.applied(approval.agent)
        if applied.exists:
            applied.unmark(Mark.DEPLOYED, approval.id)
            if approval.base_sha is None:
                applied.unmark(Mark.DEPLOYED, 0)
                applied.clear()
            else:
                self._put_in_force(approval.agent, approval.base_sha)
        self._take_back(approval, applied)

    def _take_back(self, approval: Approval, applied: Applied) -> None:
        """It may have been recorded by a step that was cut off again and again right after that."""
        meta, now = self._host.repositories.meta, self.clock.now_ms()
        recorded = meta.deployed().get(approval.agent, {}).get("tag")
        if recorded != f"{Mark.DEPLOYED}/{approval.id}":
            return
        tag = None if approval.base_sha is None else applied.deployed_tag(approval.base_sha)
        if not approval.existed or approval.base_sha is None or tag is None:
            meta.forget(approval.agent, at_ms=now)
        else:
            meta.record(approval.agent, approval.base_sha, tag, applied.git, at_ms=now)

    def _restore(self, approval: Approval) -> None:
        """A container that never saw the change is left alone."""
        if approval.existed is None:
            return
        if approval.kind is ApprovalKind.SPAWN and not approval.existed:
            self._containers.remove(approval.agent)
        elif approval.existed:
            self._containers.rebuild(approval.agent)

    def _mark(self, approval: Approval, step: Step, mark: Mark, note: str | None) -> Performed:
        applied = self._host.repositories.applied(approval.agent)
        if not applied.holds(approval.sha):
            return Performed(approval.id, step)  # purged meanwhile: there is nothing to set a tag on
        tag = applied.mark(
            mark, approval.id, approval.sha, at_ms=self.clock.now_ms(), note=note or "no reason was given"
        )
        return Performed(approval.id, step, tag=tag)

    # ---- the health gate ---------------------------------------------------------------------------

    def _await_health(self, perform: Perform) -> None:
        """Not a blocking wait: this actor can be stopped meanwhile, and the next one waits anew."""
        if self._timer is not None:
            self._timer.cancel()
        self._waiting = perform
        self._since_ms = self.clock.now_ms()
        self._timer = self.tell_after(self._host.ready_seconds, NotReady())
        self._ask_whether_ready()

    def _ask_whether_ready(self) -> None:
        if self._waiting is None:
            return
        self._directory.monitor(f"agents/{self._waiting.approval.agent}", self.name)
        try:
            self._containers.ready(self._waiting.approval.agent, self._since_ms).then(self._asked)
        except HiveError as error:
            self._waited(error)
        except SupervisionError:
            self.tell_after(ASK_AGAIN_SECONDS, AskAgain())

    def _asked(self, promise: Promise[None]) -> None:
        """A broker that is away says nothing about the agent; the deadline bounds how often it is asked."""
        if promise.error is None:
            self.tell_self(AskedForMail())
        else:
            self.tell_after(ASK_AGAIN_SECONDS, AskAgain())

    def _too_late(self) -> None:
        """Not when somebody has stopped or paused it meanwhile: that one is not waited for."""
        if self._waiting is None:
            return
        try:
            ready = self._containers.ready(self._waiting.approval.agent, self._since_ms)
            excused = ready.done and ready.error is None
        except (HiveError, SupervisionError):
            excused = False
        seconds = self._host.ready_seconds
        self._waited(None if excused else unavailable(f"its harness did not ask for mail within {seconds:g} s"))

    def _agent_down(self, exit_reason: Exit) -> None:
        """Given up by its supervisor, which says why; or on its way up again, or stopped by somebody else."""
        if exit_reason.orderly and exit_reason.detail:
            self._waited(unavailable(f"its container was given up: {exit_reason.detail}"))
        else:
            self.tell_after(ASK_AGAIN_SECONDS, AskAgain())

    def _waited(self, refusal: HiveError | None) -> None:
        perform, self._waiting = self._waiting, None
        if perform is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._directory.demonitor(f"agents/{perform.approval.agent}", self.name)
        self._tell(Performed(perform.approval.id, perform.step, refusal=refusal))

    def _tell(self, outcome: Performed) -> None:
        self._directory.tell(QUEUE, outcome)
