"""The start of `leader_first`: the leader alone, then, when it is ready and the news is told, the rest in waves.

Part of one supervisor and run in it. Promises: a leader that is late holds nobody for ever, nor does whoever is told;
between two waves the supervisor answers; a rollout that is overtaken by another one leaves nobody out.
"""

import logging
from collections.abc import Callable, Sequence

from actors.supervision.actor import Actor
from actors.supervision.children import Child, Children
from actors.supervision.directory import Directory
from actors.supervision.exits import Exit
from actors.supervision.hands import Hands
from actors.supervision.requests import LeaderLate, LeaderReady, NextWave, PlanTold, RestartPlanned, StayedDown
from actors.supervision.rollout import Rollout
from actors.supervision.spec import Leader
from actors.supervision.strategy import ChildState, led_by, plan_leader_first

logger = logging.getLogger(__name__)

TELL_SECONDS = 5.0
"""How long the one who is told of a rollout may hold it up."""


class LeaderFirst:
    """`supervisor` is the actor whose mailbox and timers it uses; `try_later` its way with a start that failed."""

    def __init__(
        self,
        supervisor: Actor,
        leader: Leader,
        children: Children,
        hands: Hands,
        directory: Directory,
        *,
        try_later: Callable[[Child], None],
    ) -> None:
        self._supervisor = supervisor
        self._leader = leader
        self._children = children
        self._hands = hands
        self._directory = directory
        self._try_later = try_later
        self._rollout: Rollout | None = None

    def handle(self, message: LeaderReady | LeaderLate | PlanTold | NextWave) -> None:
        """The supervisor's messages that are about a rollout."""
        match message:
            case LeaderReady(child_id) if child_id == self._leader.child_id:
                self._plan_stands(ready=True)
            case LeaderLate():
                name = self._supervisor.name
                logger.warning("leader not ready, starting the rest name=%s leader=%s", name, self._leader.child_id)
                self._plan_stands(ready=False)
            case PlanTold(rollout):
                self._plan_told(rollout)
            case NextWave():
                self._next_wave()

    def roll_out(self, child_ids: frozenset[str] | None = None) -> Child | None:
        """The leader's wave now; the others wait for its readiness. The leader, when it failed to start."""
        leader = self._leader
        if self._rollout is not None:
            left = self._rollout.abandon()
            child_ids = None if child_ids is None else child_ids | set(left)
        views = [view for view in self._children.views() if child_ids is None or view.id in child_ids]
        plan = plan_leader_first(views, leader.child_id, leader.width)
        self._hands.stop_waves(self._children, plan.stop)
        for child_id in plan.forget:
            self._children.remove(child_id)
        first, rest = led_by(plan, leader.child_id)
        for child in map(self._children.get, (child_id for wave in rest for child_id in wave)):
            if child is not None:
                child.state = ChildState.RESTARTING
        failed = self._hands.start_wave(self._children, first)
        self._rollout = Rollout(rest, self._supervisor.tell_after(leader.ready_seconds, LeaderLate()))
        if failed and not leader.retry:
            self._stays_down(*failed[0])
            failed = []
        if not first or not self._is_coming(leader.child_id, failed):
            # Nobody will say that it is ready: it was before, or it is not there.
            self._plan_stands(ready=not first and self._is_coming(leader.child_id))
        return failed[0][0] if failed else None

    def _is_coming(self, child_id: str, failed: Sequence[object] = ()) -> bool:
        child = self._children.get(child_id)
        return bool(failed) or (child is not None and child.state is not ChildState.DOWN)

    def _plan_stands(self, *, ready: bool) -> None:
        """The rest starts as soon as the one who has to know of it does."""
        leader, rollout = self._leader, self._rollout
        if rollout is None or not rollout.lead():
            return
        if leader.notify is None or not rollout.waiting:
            self._plan_told(rollout)
            return
        told = PlanTold(rollout)
        rollout.told_by(self._supervisor.tell_after(TELL_SECONDS, told))
        news = RestartPlanned(self._supervisor.name, leader.child_id, ready, rollout.waiting)
        self._directory.ask_later(leader.notify, news).then(lambda _reply: self._supervisor.tell_self(told))

    def _plan_told(self, rollout: object) -> None:
        if self._rollout is not None and rollout is self._rollout and self._rollout.open():
            self._supervisor.tell_self(NextWave())

    def _next_wave(self) -> None:
        """A message for each wave, so that the supervisor answers in between."""
        wave = self._rollout.next_wave() if self._rollout is not None else None
        if wave is None:
            return
        # Whoever was terminated or started by hand meanwhile is left alone.
        still_waiting = tuple(
            view.id for view in self._children.views() if view.id in wave and view.state is ChildState.RESTARTING
        )
        for child, failure in self._hands.start_wave(self._children, still_waiting):
            if self._leader.retry:
                self._try_later(child)
            else:
                self._stays_down(child, failure)
        self._supervisor.tell_self(NextWave())

    def _stays_down(self, child: Child, failure: Exit) -> None:
        name = self._supervisor.name
        logger.error("did not start, stays down name=%s child=%s exit=%s", name, child.spec.id, failure)
        self._children.ended(child)
        if self._leader.notify is not None:
            self._directory.tell(self._leader.notify, StayedDown(name, child.spec.id, failure))
