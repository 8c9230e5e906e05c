"""What a supervisor can be asked, and the rows it answers with."""

from dataclasses import dataclass

from actors.supervision.actor.messages import SystemMessage
from actors.supervision.supervisor.spec import ChildSpec, ChildType, Restart
from actors.supervision.supervisor.strategy import ChildState


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
class LaunchChild:
    """Start a fresh incarnation of this child, which is added if it is not known, beside the starts of others.

    A child that runs, or waits for its next try, is taken down first. Answered when it is up: its name.
    """

    spec: ChildSpec


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
    """Keep these specifications, in this order, and start no child. One known id refuses all of them."""

    specs: tuple[ChildSpec, ...]


@dataclass(frozen=True, slots=True)
class RestartAll:
    """Stop these children (None: all of them) and start them, the leader first. Answered when the leader is up."""

    child_ids: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class LeaderReady(SystemMessage):
    """The leader takes messages: the other children may start."""

    child_id: str


@dataclass(frozen=True, slots=True)
class ChildRow:
    """One child as `which_children` shows it; `name` is None when the child does not run."""

    id: str
    name: str | None
    state: ChildState
    type: ChildType
    restart: Restart


@dataclass(frozen=True, slots=True)
class ChildCount:
    """OTP's four numbers: specifications, running children, and how many specifications are of which type."""

    specs: int
    active: int
    supervisors: int
    workers: int
