"""The supervisor: starts its children in order, restarts them by its strategy, stops them in reverse.

Owns its children and nothing else. Promises the semantics of Erlang/OTP's `supervisor` (where ours
differ, docs/supervision.md says so). It is blocked while a child starts or stops, as OTP's is, and
never for a pause: a restart that has to wait comes back as a message. Bad ends of its children are
reported in the log (`reports.py`) and shown in the tree.
"""

import logging
from collections.abc import Sequence
from typing import Any, ClassVar

from actors.supervision.actor.actor import Actor
from actors.supervision.clock import SYSTEM_CLOCK, Clock
from actors.supervision.directory import Directory
from actors.supervision.errors import ChildRefused, InvalidSpec, Refusal, StartFailed
from actors.supervision.exits import Exit, ExitKind
from actors.supervision.supervisor.child_lifecycle import ChildLifecycle
from actors.supervision.supervisor.children import Child, Children
from actors.supervision.supervisor.intensity import add_restart, too_many
from actors.supervision.supervisor.launches import Launches
from actors.supervision.supervisor.leader_first import LeaderFirst
from actors.supervision.supervisor.messages import (
    BackoffElapsed,
    ChildEnded,
    ChildLaunched,
    LeaderLate,
    NextWave,
    RetryStart,
    RolloutAnnounced,
)
from actors.supervision.supervisor.reports import (
    NEXT_DOWN,
    NEXT_END,
    NEXT_FAIL,
    NEXT_FORGOTTEN,
    NEXT_GIVE_UP,
    Context,
    next_restart,
    report,
)
from actors.supervision.supervisor.requests import (
    AddChildren,
    CountChildren,
    DeleteChild,
    LaunchChild,
    LeaderReady,
    RestartAll,
    RestartChild,
    StartChild,
    TerminateChild,
    WhichChildren,
)
from actors.supervision.supervisor.spec import (
    ChildSpec,
    Restart,
    Strategy,
    SupervisorFlags,
    check_flags,
    check_spec,
    check_specs,
)
from actors.supervision.supervisor.strategy import (
    ChildrenPlan,
    ChildState,
    ChildView,
    ends_supervisor,
    is_restarted,
    plan_leader_first,
    plan_restart,
    plan_start,
    plan_stop,
)

logger = logging.getLogger(__name__)

DEFAULT_FLAGS = SupervisorFlags()
ENDED_UNKNOWN = Exit.failed("it ended")


class Supervisor(Actor):
    """An actor that owns other actors and does nothing else."""

    kind: ClassVar[str] = "supervisor"

    def __init__(
        self,
        flags: SupervisorFlags = DEFAULT_FLAGS,
        children: Sequence[ChildSpec] = (),
        *,
        directory: Directory,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        super().__init__(clock=clock)
        self.flags = flags
        self.children = Children()
        self._directory = directory
        self._lifecycle = ChildLifecycle(self, directory, clock)
        self._launches = Launches(self, self._lifecycle, self._report)
        self._specs = tuple(children)
        self._restarts: tuple[float, ...] = ()
        self._leader_first: LeaderFirst | None = None

    def on_start(self) -> None:
        """Every child comes up, or none stays: a failing start stops those before it and fails this one."""
        check_flags(self.flags)
        check_specs(self._specs, self.flags)
        self.children = Children(self._specs)
        if self.flags.leader is not None:
            self._leader_first = LeaderFirst(
                self, self.flags.leader, self.children, self._lifecycle, self._directory, retry_start=self._retry_later
            )
        failed = self._start_all()
        if failed is not None:
            failure = failed.last_failure or ENDED_UNKNOWN
            self._report(Context.START_FAILED, failed, failure, NEXT_FAIL)
            self._stop_all()
            raise StartFailed(self._lifecycle.name_of(failed.spec.id), failure)

    def handle(self, message: Any) -> Any:
        match message:
            case ChildEnded():
                self._child_ended(message)
            case RetryStart():
                self._retry_start(message)
            case BackoffElapsed():
                self._backoff_elapsed(message)
            case StartChild():
                return self._start_child(message)
            case LaunchChild(spec):
                check_spec(spec, self.flags)
                return self._launches.launch(self.children, spec)
            case ChildLaunched():
                self._launches.over(self.children, message)
            case TerminateChild():
                self._terminate_child(message)
            case RestartChild():
                return self._restart_child(message)
            case DeleteChild():
                self._delete_child(message)
            case AddChildren(specs):
                self._add_children(specs)
            case RestartAll():
                self._restart_all(message)
            case LeaderReady() | LeaderLate() | RolloutAnnounced() | NextWave():
                if self._leader_first is not None:
                    self._leader_first.handle(message)
            case WhichChildren():
                return self.children.rows(self._lifecycle.name_of)
            case CountChildren():
                return self.children.count()
            case _:
                super().handle(message)
        return None

    def on_stop(self) -> None:
        self._stop_all()

    def on_crash(self, exit_reason: Exit) -> None:
        """A supervisor that is killed takes its children along, without waiting, as links do in Erlang."""
        for child in reversed(list(self.children)):
            child.cancel_retry()
            if child.actor is not None:
                child.actor.kill(f"its supervisor ended: {exit_reason.kind.value}")

    # Ends and restarts.

    def _child_ended(self, message: ChildEnded) -> None:
        child = self.children.running(message.actor)
        if child is None:
            return
        if not message.exit.orderly:
            child.last_failure = message.exit
        if is_restarted(child.spec.restart, message.exit.kind):
            child.actor = None
            self._restart(child, Context.ENDED, message.exit, message.actor.pid)
            return
        self.children.ended(child)
        child.done = message.exit.kind is ExitKind.NORMAL
        ends = child.spec.significant and ends_supervisor(self.flags.auto_shutdown, child.view(), self.children.views())
        if not message.exit.orderly:
            dropped = child.spec.restart is Restart.TEMPORARY
            next_step = NEXT_END if ends else NEXT_FORGOTTEN if dropped else NEXT_DOWN
            self._report(Context.ENDED, child, message.exit, next_step, message.actor.pid)
        if ends:
            self.exit(Exit.shutdown(f"significant child {child.spec.id} ended: {message.exit}"))

    def _retry_start(self, message: RetryStart) -> None:
        child = self.children.get(message.child_id)
        if child is not None and child.state is ChildState.RESTARTING and child.launch is None:
            self._restart(child, Context.START_FAILED, child.last_failure or ENDED_UNKNOWN)

    def _backoff_elapsed(self, message: BackoffElapsed) -> None:
        child = self.children.get(message.child_id)
        if child is not None and child.retry is not None:
            child.cancel_retry()
            self._carry_out(plan_restart(self.flags.strategy, self._affected(child), child.spec.id))

    def _restart(self, child: Child, context: Context, reason: Exit, pid: int | None = None) -> None:
        """Count this restart; then give up, pause, or do it.

        An end whose cause lies outside the tree (`Exit.counts`) neither counts nor pauses.
        """
        now = self.clock.monotonic()
        if reason.counts:
            self._restarts = add_restart(self._restarts, now, self.flags.period)
        if reason.counts and too_many(self._restarts, self.flags.intensity):
            self._report(context, child, reason, NEXT_GIVE_UP, pid)
            self._give_up(child)
            return
        child.restarts += 1
        child.reasons.append((self.clock.now_ms(), str(reason)))
        plan = plan_restart(self.flags.strategy, self._affected(child), child.spec.id)
        pause = self._pause_for(child, now) if reason.counts else 0.0
        self._report(context, child, reason, next_restart(pause), pid)
        if pause <= 0:
            self._carry_out(plan)
            return
        # The siblings go down now, because their sibling is gone already. All come up together after the pause.
        self._carry_out(ChildrenPlan(stop=plan.stop, forget=plan.forget))
        child.state = ChildState.RESTARTING
        child.cancel_retry()
        child.retry = self.tell_after(pause, BackoffElapsed(child.spec.id))

    def _affected(self, child: Child) -> list[ChildView]:
        """The children that a restart of this one may touch: for most strategies it alone, of perhaps thousands."""
        alone = self.flags.strategy in {Strategy.ONE_FOR_ONE, Strategy.LEADER_FIRST}
        return [child.view()] if alone else self.children.views()

    def _pause_for(self, child: Child, now: float) -> float:
        backoff = self.flags.backoff
        if backoff is None:
            return 0.0
        decayed = child.backoff.decayed(now, backoff)
        child.backoff = decayed.restarted(now)
        return backoff.pause(decayed.level)

    def _give_up(self, child: Child) -> None:
        flags = self.flags
        why = (
            f"gave up: more than {flags.intensity} restarts within {flags.period:g} s, "
            f"the last one of {child.spec.id}: {child.last_error or 'it ended'}"
        )
        logger.error("%s supervisor=%s", why, self.name)
        self.children.ended(child)
        self.exit(Exit.shutdown(why, None if child.last_failure is None else child.last_failure.error))

    def _report(self, context: Context, child: Child, reason: Exit, next_step: str, pid: int | None = None) -> None:
        actor = self._lifecycle.name_of(child.spec.id)
        report(context, child, reason, supervisor=self.name, actor=actor, next_step=next_step, pid=pid)

    # Carrying out plans.

    def _carry_out(self, plan: ChildrenPlan) -> None:
        self._lifecycle.stop_waves(self.children, plan.stop)
        for child_id in plan.forget:
            self.children.remove(child_id)
        failed = self._lifecycle.start_waves(self.children, plan.start)
        if failed is not None:
            self._retry_later(failed)

    def _start_all(self) -> Child | None:
        """Start all children in order; the one that failed. With a leader only the leader, the others follow."""
        if self._leader_first is None:
            return self._lifecycle.start_waves(self.children, plan_start(self.children.views()).start)
        return self._leader_first.roll_out()

    def _stop_all(self) -> None:
        leader, views = self.flags.leader, self.children.views()
        plan = plan_stop(views) if leader is None else plan_leader_first(views, leader.child_id, leader.width)
        self._lifecycle.stop_waves(self.children, plan.stop)

    def _restart_all(self, message: RestartAll) -> None:
        if self._leader_first is None:
            raise InvalidSpec(f"{self.name} has no leader: its children are restarted one by one")
        failed = self._leader_first.roll_out(message.child_ids)
        if failed is not None:
            self._retry_later(failed)

    def _retry_later(self, child: Child) -> None:
        child.state = ChildState.RESTARTING
        self.tell_self(RetryStart(child.spec.id))

    # Requests.

    def _start_child(self, message: StartChild) -> str:
        spec = message.spec
        check_spec(spec, self.flags)
        present = self.children.get(spec.id)
        if present is not None:
            started = present.state is ChildState.UP
            raise self._refused(spec.id, Refusal.ALREADY_STARTED if started else Refusal.ALREADY_PRESENT)
        child = Child(spec)
        # In the table while it starts, so that a kill of this supervisor reaches it.
        self.children.add(child)
        failure = self._lifecycle.start(child)
        if failure is not None:
            self._report(Context.START_FAILED, child, failure, NEXT_FORGOTTEN)
            self.children.remove(spec.id)
            raise StartFailed(self._lifecycle.name_of(spec.id), failure)
        return self._lifecycle.name_of(spec.id)

    def _add_children(self, specs: Sequence[ChildSpec]) -> None:
        for spec in specs:
            check_spec(spec, self.flags)
            if self.children.get(spec.id) is not None:
                raise self._refused(spec.id, Refusal.ALREADY_PRESENT)
        for spec in specs:
            self.children.add(Child(spec))

    def _terminate_child(self, message: TerminateChild) -> None:
        child = self._present(message.child_id)
        if child.state is ChildState.UP or child.launch is not None:
            self._lifecycle.stop_waves(self.children, ((message.child_id,),))
        self.children.ended(child)

    def _restart_child(self, message: RestartChild) -> str:
        child = self._not_running(message.child_id)
        failure = self._lifecycle.start(child)
        if failure is not None:
            self._report(Context.START_FAILED, child, failure, NEXT_DOWN)
            raise StartFailed(self._lifecycle.name_of(child.spec.id), failure)
        child.restarts += 1
        return self._lifecycle.name_of(child.spec.id)

    def _delete_child(self, message: DeleteChild) -> None:
        self._not_running(message.child_id)
        self.children.remove(message.child_id)

    def _present(self, child_id: str) -> Child:
        child = self.children.get(child_id)
        if child is None:
            raise self._refused(child_id, Refusal.NOT_FOUND)
        return child

    def _not_running(self, child_id: str) -> Child:
        child = self._present(child_id)
        if child.state is not ChildState.DOWN:
            up = child.state is ChildState.UP
            raise self._refused(child_id, Refusal.RUNNING if up else Refusal.RESTARTING)
        return child

    def _refused(self, child_id: str, reason: Refusal) -> ChildRefused:
        return ChildRefused(self.name, child_id, reason)
