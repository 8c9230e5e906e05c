"""What a supervisor tells itself, and what its children's ends tell it."""

from dataclasses import dataclass

from actors.supervision.actor.actor import Actor
from actors.supervision.actor.messages import SystemMessage
from actors.supervision.exits import Exit
from actors.supervision.promise import Promise
from actors.supervision.supervisor.rollout import Rollout


@dataclass(frozen=True, slots=True)
class ChildEnded(SystemMessage):
    """An incarnation of a child ended. The supervisor ignores one that it has replaced already."""

    actor: Actor
    exit: Exit


@dataclass(frozen=True, slots=True)
class ChildLaunched(SystemMessage):
    """The start of a child that was launched is over, well or badly. `added`: the launch has made it known."""

    actor: Actor
    added: bool
    reply: Promise[str]


@dataclass(frozen=True, slots=True)
class RetryStart(SystemMessage):
    """A start failed; count one more restart and try again, unless the child was started or terminated meanwhile."""

    child_id: str


@dataclass(frozen=True, slots=True)
class BackoffElapsed(SystemMessage):
    """The pause before a counted restart is over."""

    child_id: str


@dataclass(frozen=True, slots=True)
class LeaderLate(SystemMessage):
    """The leader was not ready in its time."""


@dataclass(frozen=True, slots=True)
class RolloutAnnounced(SystemMessage):
    """The actor that is notified of this rollout has replied, or has taken too long."""

    rollout: Rollout


@dataclass(frozen=True, slots=True)
class NextWave:
    """Start the next wave. Overtakes nothing: requests that came meanwhile are answered between two waves."""
