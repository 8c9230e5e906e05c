"""The start of `leader_first`: the leader alone, then, when it is ready and that is announced, the followers in waves.

Part of one supervisor and run in it. Promises: neither a late leader nor a slow reply to the announcement holds the
followers for ever; between two waves the supervisor answers; a rollout that is overtaken by another one leaves no
child out.
"""

import logging
from collections.abc import Callable, Sequence

from actors.supervision.actor.actor import Actor
from actors.supervision.directory import Directory
from actors.supervision.exits import Exit
from actors.supervision.supervisor.child_lifecycle import ChildLifecycle
from actors.supervision.supervisor.children import Child, Children
from actors.supervision.supervisor.messages import LeaderLate, NextWave, RolloutAnnounced
from actors.supervision.supervisor.notices import RestartPlanned, StayedDown
from actors.supervision.supervisor.reports import NEXT_DOWN, Context, report
from actors.supervision.supervisor.requests import LeaderReady
from actors.supervision.supervisor.rollout import Rollout
from actors.supervision.supervisor.spec import Leader
from actors.supervision.supervisor.strategy import ChildState, plan_leader_first, split_leader

logger = logging.getLogger(__name__)

ANNOUNCE_SECONDS = 5.0
"""How long the actor that is notified of a rollout may hold it up."""


class LeaderFirst:
    """The rollouts of one supervisor.

    `supervisor` is the actor whose mailbox and timers are used; `retry_start` tries a child again whose start failed.
    """

    def __init__(
        self,
        supervisor: Actor,
        leader: Leader,
        children: Children,
        lifecycle: ChildLifecycle,
        directory: Directory,
        *,
        retry_start: Callable[[Child], None],
    ) -> None:
        self._supervisor = supervisor
        self._leader = leader
        self._children = children
        self._lifecycle = lifecycle
        self._directory = directory
        self._retry_start = retry_start
        self._rollout: Rollout | None = None

    def handle(self, message: LeaderReady | LeaderLate | RolloutAnnounced | NextWave) -> None:
        """Handle those of the supervisor's messages that are about a rollout."""
        match message:
            case LeaderReady(child_id) if child_id == self._leader.child_id:
                self._leader_settled(ready=True)
            case LeaderLate():
                name = self._supervisor.name
                logger.warning(
                    "leader not ready, starting the others supervisor=%s leader=%s", name, self._leader.child_id
                )
                self._leader_settled(ready=False)
            case RolloutAnnounced(rollout):
                self._announced(rollout)
            case NextWave():
                self._next_wave()

    def roll_out(self, child_ids: frozenset[str] | None = None) -> Child | None:
        """Start the leader's wave; the followers wait until it is ready. The leader, when it failed to start."""
        leader = self._leader
        if self._rollout is not None:
            waiting = self._rollout.abandon()
            child_ids = None if child_ids is None else child_ids | set(waiting)
        views = [view for view in self._children.views() if child_ids is None or view.id in child_ids]
        plan = plan_leader_first(views, leader.child_id, leader.width)
        self._lifecycle.stop_waves(self._children, plan.stop)
        for child_id in plan.forget:
            self._children.remove(child_id)
        first, followers = split_leader(plan, leader.child_id)
        for child in map(self._children.get, (child_id for wave in followers for child_id in wave)):
            if child is not None:
                child.state = ChildState.RESTARTING
        failed = self._lifecycle.start_wave(self._children, first)
        self._rollout = Rollout(followers, self._supervisor.tell_after(leader.ready_seconds, LeaderLate()))
        if failed and not leader.retry:
            self._stays_down(*failed[0])
            failed = []
        if not first or not self._is_coming(leader.child_id, failed):
            # No `leader_ready` will come: the leader was ready before, or it does not run.
            self._leader_settled(ready=not first and self._is_coming(leader.child_id))
        return failed[0][0] if failed else None

    def _is_coming(self, child_id: str, failed: Sequence[object] = ()) -> bool:
        child = self._children.get(child_id)
        return bool(failed) or (child is not None and child.state is not ChildState.DOWN)

    def _leader_settled(self, *, ready: bool) -> None:
        """The leader is ready or late: announce the followers' start. They start at the reply."""
        leader, rollout = self._leader, self._rollout
        if rollout is None or not rollout.leader_settled():
            return
        if leader.notify is None or not rollout.waiting:
            self._announced(rollout)
            return
        announced = RolloutAnnounced(rollout)
        rollout.announce(self._supervisor.tell_after(ANNOUNCE_SECONDS, announced))
        notice = RestartPlanned(self._supervisor.name, leader.child_id, ready, rollout.waiting)
        self._directory.ask_later(leader.notify, notice).then(lambda _reply: self._supervisor.tell_self(announced))

    def _announced(self, rollout: Rollout) -> None:
        if rollout is self._rollout and rollout.open():
            self._supervisor.tell_self(NextWave())

    def _next_wave(self) -> None:
        """Start one wave. Each wave is a message, so that the supervisor answers in between."""
        wave = self._rollout.next_wave() if self._rollout is not None else None
        if wave is None:
            return
        # A child that was terminated or started by request meanwhile is left alone.
        still_waiting = tuple(
            child.spec.id
            for child in self._children
            if child.spec.id in wave and child.state is ChildState.RESTARTING and child.launch is None
        )
        for child, failure in self._lifecycle.start_wave(self._children, still_waiting):
            if self._leader.retry:
                self._retry_start(child)
            else:
                self._stays_down(child, failure)
        self._supervisor.tell_self(NextWave())

    def _stays_down(self, child: Child, failure: Exit) -> None:
        name = self._supervisor.name
        report(
            Context.START_FAILED,
            child,
            failure,
            supervisor=name,
            actor=self._lifecycle.name_of(child.spec.id),
            next_step=NEXT_DOWN,
            level=logging.ERROR,
        )
        self._children.ended(child)
        if self._leader.notify is not None:
            self._directory.tell(self._leader.notify, StayedDown(name, child.spec.id, failure))
