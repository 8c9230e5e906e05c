"""What a supervisor can be asked, and the rows it answers with."""

from dataclasses import dataclass

from actors.supervision.exits import Exit
from actors.supervision.mailbox import SystemMessage
from actors.supervision.spec import ChildSpec, ChildType, Restart
from actors.supervision.strategy import ChildState


@dataclass(frozen=True, slots=True)
class StartChild:
    spec: ChildSpec


@dataclass(frozen=True, slots=True)
class TerminateChild:
    child_id: str


@dataclass(frozen=True, slots=True)
class RestartChild:
    child_id: str


@dataclass(frozen=True, slots=True)
class DeleteChild:
    child_id: str


@dataclass(frozen=True, slots=True)
class WhichChildren:
    pass


@dataclass(frozen=True, slots=True)
class CountChildren:
    pass


@dataclass(frozen=True, slots=True)
class AddChildren:
    """Keep these specifications, in this order, without starting anybody. Known ids are refused, all or none."""

    specs: tuple[ChildSpec, ...]


@dataclass(frozen=True, slots=True)
class RestartAll:
    """Stop these (None: everybody) and start them, the leader first. Answered when the leader is up."""

    child_ids: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class LeaderReady(SystemMessage):
    """The leader can be told things: the rest may start."""

    child_id: str


@dataclass(frozen=True, slots=True)
class LeaderLate(SystemMessage):
    """To itself: the leader was not ready in its time."""


@dataclass(frozen=True, slots=True)
class PlanTold(SystemMessage):
    """To itself: whoever had to know of this rollout knows it, or took too long."""

    rollout: object


@dataclass(frozen=True, slots=True)
class NextWave:
    """To itself: start the next wave. Overtakes nothing: whoever asks meanwhile is answered between two waves."""


@dataclass(frozen=True, slots=True)
class RestartPlanned:
    """To the actor a `Leader` names: who starts now, and whether the leader was ready. They start at its reply."""

    supervisor: str
    leader_id: str
    leader_ready: bool
    child_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StayedDown:
    """To the same actor: this child failed to start in a rollout and is not tried again by its supervisor."""

    supervisor: str
    child_id: str
    exit: Exit


@dataclass(frozen=True, slots=True)
class TryAgain(SystemMessage):
    """To itself: a start failed; count one more restart and try again, unless somebody did or forbade it."""

    child_id: str


@dataclass(frozen=True, slots=True)
class PauseOver(SystemMessage):
    """To itself: a counted restart waited long enough."""

    child_id: str


@dataclass(frozen=True, slots=True)
class ChildRow:
    """One child as `which_children` shows it; `name` is None when nobody runs."""

    id: str
    name: str | None
    state: ChildState
    type: ChildType
    restart: Restart


@dataclass(frozen=True, slots=True)
class ChildCount:
    """OTP's four numbers: specifications, running ones, and how many specifications are of which type."""

    specs: int
    active: int
    supervisors: int
    workers: int
