"""Child specifications and supervisor flags, and the rules that they obey."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from actors.supervision.actor.actor import Actor
from actors.supervision.errors import InvalidSpec
from actors.supervision.supervisor.backoff import Backoff


class Restart(StrEnum):
    """When a child that ended by itself is restarted."""

    PERMANENT = "permanent"
    """Always."""
    TRANSIENT = "transient"
    """After an end that is a failure."""
    TEMPORARY = "temporary"
    """Never, and its specification goes with it."""


class Shutdown(StrEnum):
    """How a child is stopped, where it is not a number of seconds."""

    KILL = "kill"
    """Killed at once, without being asked."""
    INFINITY = "infinity"
    """Asked, and waited for without limit: for supervisors, whose children have their own timeouts."""
    BY_TYPE = "by_type"
    """The default: five seconds for a worker, `INFINITY` for a supervisor."""


class ChildType(StrEnum):
    WORKER = "worker"
    SUPERVISOR = "supervisor"


class Strategy(StrEnum):
    """Which siblings are restarted with a child."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"
    LEADER_FIRST = "leader_first"
    """One for one; but when all start, the leader is first, and the others follow when it is ready."""


class AutoShutdown(StrEnum):
    """When a supervisor ends because significant children ended by themselves."""

    NEVER = "never"
    ANY_SIGNIFICANT = "any_significant"
    ALL_SIGNIFICANT = "all_significant"


DEFAULT_SHUTDOWN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Leader:
    """Which child leads in `leader_first`, and how the others follow.

    The leader is ready when `leader_ready` is called, and late after `ready_seconds`: then the others start without
    it. `notify` is the name of an actor that is asked `RestartPlanned` first; the others wait for its reply.
    """

    child_id: str
    ready_seconds: float = 60.0
    width: int = 4
    """How many of the others start at the same time."""
    notify: str | None = None
    retry: bool = True
    """Whether a child that fails to start in a rollout is tried again; if not, it stays down and `notify` is told."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """One child. Each call of `start` builds another fresh, unstarted actor.

    `shutdown` is the seconds that a child has to stop before it is killed, or a `Shutdown`.
    """

    id: str
    start: Callable[[], Actor]
    restart: Restart = Restart.PERMANENT
    shutdown: float | Shutdown = Shutdown.BY_TYPE
    type: ChildType = ChildType.WORKER
    significant: bool = False
    drain: bool = False
    """Whether the child handles its mailbox before it stops, within the same time; otherwise a stop overtakes."""

    @property
    def shutdown_timeout(self) -> float | Shutdown:
        """`shutdown` with its default filled in."""
        if self.shutdown is not Shutdown.BY_TYPE:
            return self.shutdown
        return Shutdown.INFINITY if self.type is ChildType.SUPERVISOR else DEFAULT_SHUTDOWN_SECONDS


@dataclass(frozen=True, slots=True)
class SupervisorFlags:
    """How a supervisor treats its children: at most `intensity` restarts within `period` seconds."""

    strategy: Strategy = Strategy.ONE_FOR_ONE
    intensity: int = 3
    period: float = 60.0
    auto_shutdown: AutoShutdown = AutoShutdown.NEVER
    backoff: Backoff | None = None
    """The pause between restarts of the same child; None restarts at once, as OTP does."""
    leader: Leader | None = None
    """The leader; with `leader_first` and only then."""


def check_flags(flags: SupervisorFlags) -> None:
    """Raise `InvalidSpec` for flags that mean nothing."""
    if (flags.strategy is Strategy.LEADER_FIRST) != (flags.leader is not None):
        raise InvalidSpec("leader_first needs a leader, and no other strategy has one")
    if flags.leader is not None and (flags.leader.width < 1 or flags.leader.ready_seconds < 0):
        raise InvalidSpec(f"width is 1 or more and ready_seconds is not negative: {flags.leader}")
    if flags.intensity < 0 or flags.period <= 0:
        raise InvalidSpec(
            f"intensity is 0 or more and period more than 0 seconds, not {flags.intensity}/{flags.period}"
        )


def check_spec(spec: ChildSpec, flags: SupervisorFlags) -> None:
    """Raise `InvalidSpec` for a child that contradicts itself or its supervisor's flags."""
    if not spec.id or "/" in spec.id:
        raise InvalidSpec(f"a child's id is not empty and has no slash: {spec.id!r}")
    if not isinstance(spec.shutdown, Shutdown) and spec.shutdown < 0:
        raise InvalidSpec(f"child {spec.id}: a shutdown timeout is not negative")
    if spec.significant and flags.auto_shutdown is AutoShutdown.NEVER:
        raise InvalidSpec(f"child {spec.id} is significant, but its supervisor has auto_shutdown never")
    if spec.significant and spec.restart is Restart.PERMANENT:
        raise InvalidSpec(f"child {spec.id} is significant and permanent: it never ends by itself")


def check_specs(specs: Sequence[ChildSpec], flags: SupervisorFlags) -> None:
    """Raise `InvalidSpec` for a list of children of which one is wrong, or two have the same id."""
    seen: set[str] = set()
    for spec in specs:
        check_spec(spec, flags)
        if spec.id in seen:
            raise InvalidSpec(f"two children have the id {spec.id}")
        seen.add(spec.id)
