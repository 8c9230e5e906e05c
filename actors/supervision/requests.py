"""What a supervisor can be asked, and the rows it answers with."""

from dataclasses import dataclass

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
class RestartAll:
    """Stop everybody and start everybody, the leader first. Answered when the leader is up."""


@dataclass(frozen=True, slots=True)
class LeaderReady(SystemMessage):
    """The leader can be told things: the rest may start."""

    child_id: str


@dataclass(frozen=True, slots=True)
class LeaderLate(SystemMessage):
    """To itself: the leader was not ready in its time."""


@dataclass(frozen=True, slots=True)
class NextWave(SystemMessage):
    """To itself: start the next wave."""


@dataclass(frozen=True, slots=True)
class RestartPlanned:
    """To the actor a `Leader` names, before the rest starts: who starts now, and whether the leader was ready."""

    supervisor: str
    leader_id: str
    leader_ready: bool
    child_ids: tuple[str, ...]


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
