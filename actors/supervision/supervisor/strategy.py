"""What a supervisor decides, as pure functions from (children, event) to a plan.

The rules are those of Erlang/OTP's `supervisor`. No clock and no actor here: the supervisor carries
a plan out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from actors.supervision.exits import ORDERLY, ExitKind
from actors.supervision.supervisor.spec import AutoShutdown, Restart, Strategy


class ChildState(StrEnum):
    """What a supervisor knows of a child."""

    UP = "up"
    DOWN = "down"
    """Its specification is kept, no incarnation runs."""
    RESTARTING = "restarting"
    """It is to run and does not yet: a start failed, or a pause is not over."""


@dataclass(frozen=True, slots=True)
class ChildView:
    """The part of a child that a decision may depend on."""

    id: str
    restart: Restart = Restart.PERMANENT
    significant: bool = False
    state: ChildState = ChildState.UP


Wave = tuple[str, ...]
"""Children that are started or stopped at the same time; the next wave waits for all of them."""


@dataclass(frozen=True, slots=True)
class ChildrenPlan:
    """First stop these waves, then drop these specifications, then start these waves.

    A start that fails ends the plan: children that are up stay up, the failed child is tried again.
    """

    stop: tuple[Wave, ...] = ()
    forget: frozenset[str] = frozenset()
    start: tuple[Wave, ...] = ()


def is_restarted(restart: Restart, kind: ExitKind) -> bool:
    """Whether a child that ended by itself in this way is started again."""
    return restart is Restart.PERMANENT or (restart is Restart.TRANSIENT and kind not in ORDERLY)


def ends_supervisor(auto_shutdown: AutoShutdown, ended: ChildView, remaining: Sequence[ChildView]) -> bool:
    """Whether a child that stays down takes its supervisor with it.

    `remaining` are the children after that end. A significant child that is restarting is not over yet.
    """
    if not ended.significant or auto_shutdown is AutoShutdown.NEVER:
        return False
    if auto_shutdown is AutoShutdown.ANY_SIGNIFICANT:
        return True
    return not any(child.significant and child.state is not ChildState.DOWN for child in remaining)


def plan_start(children: Sequence[ChildView]) -> ChildrenPlan:
    """The supervisor starts: every child, one after the other, in the order of the list."""
    return ChildrenPlan(start=_one_by_one(children))


def plan_stop(children: Sequence[ChildView]) -> ChildrenPlan:
    """The supervisor stops: every child, one after the other, in reverse order."""
    return ChildrenPlan(stop=_one_by_one(_running(reversed(children))))


def plan_leader_first(children: Sequence[ChildView], leader_id: str, width: int) -> ChildrenPlan:
    """These children start or restart: the leader alone if it is one of them, then waves of at most `width`.

    Stopping is the reverse: the followers at once, each with its own shutdown timeout, and the leader last. The
    supervisor waits after the first wave until the leader is ready. Temporary children that run are forgotten.
    """
    running = [child.id for child in _running(reversed(children))]
    forget = frozenset(child.id for child in children if child.restart is Restart.TEMPORARY and child.id in running)
    followers = [child.id for child in children if child.id != leader_id and child.id not in forget]
    waves = [tuple(followers[first : first + width]) for first in range(0, len(followers), width)]
    running_followers = tuple(child_id for child_id in running if child_id != leader_id)
    return ChildrenPlan(
        stop=tuple(wave for wave in (running_followers, (leader_id,) if leader_id in running else ()) if wave),
        forget=forget,
        start=(*([(leader_id,)] if any(child.id == leader_id for child in children) else []), *waves),
    )


def split_leader(plan: ChildrenPlan, leader_id: str) -> tuple[Wave, tuple[Wave, ...]]:
    """The leader's own wave of a `plan_leader_first`, empty when it does not start, and the followers' waves."""
    if plan.start and plan.start[0] == (leader_id,):
        return plan.start[0], plan.start[1:]
    return (), plan.start


def plan_restart(strategy: Strategy, children: Sequence[ChildView], failed_id: str) -> ChildrenPlan:
    """A child is to be restarted: which children stop first, and which start.

    Stopping goes in reverse order of start, starting in order. Temporary siblings that are stopped
    are forgotten; siblings that were down before come up with the others, as in OTP.
    """
    affected = _affected(strategy, children, failed_id)
    return ChildrenPlan(
        stop=_one_by_one(_running(child for child in reversed(affected) if child.id != failed_id)),
        forget=frozenset(child.id for child in affected if child.restart is Restart.TEMPORARY),
        start=_one_by_one(child for child in affected if child.restart is not Restart.TEMPORARY),
    )


def _affected(strategy: Strategy, children: Sequence[ChildView], failed_id: str) -> Sequence[ChildView]:
    position = next(index for index, child in enumerate(children) if child.id == failed_id)
    match strategy:
        case Strategy.ONE_FOR_ONE | Strategy.LEADER_FIRST:
            return children[position : position + 1]
        case Strategy.REST_FOR_ONE:
            return children[position:]
        case Strategy.ONE_FOR_ALL:
            return children


def _running(children: Iterable[ChildView]) -> Iterable[ChildView]:
    return (child for child in children if child.state is not ChildState.DOWN)


def _one_by_one(children: Iterable[ChildView]) -> tuple[Wave, ...]:
    return tuple((child.id,) for child in children)
