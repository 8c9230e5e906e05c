"""What the service actor takes. Replies are named in each docstring."""

from dataclasses import dataclass
from enum import StrEnum

from actors.supervision import SystemMessage

SERVICE = "service"


class OnStop(StrEnum):
    """What happens to the agents' containers when the daemon stops."""

    KEEP = "keep"
    """Containers and their turns run on; the next daemon adopts them."""
    STOP = "stop"
    """Turns get the grace period, then the containers end."""


@dataclass(frozen=True, slots=True)
class StopPolicy:
    """What a container actor that stops does with its container."""

    ends: bool = False
    """Whether the container ends with its actor."""
    grace_seconds: float = 0.0
    """How long a running turn may go on."""
    rebuild: bool = False
    """The container starts again at once, so that a turn that was cut short is not reported as lost."""
    waited_seconds: float = 0.0
    """How long a running turn was waited for already."""


@dataclass(frozen=True, slots=True)
class Close(SystemMessage):
    """End the daemon in order: the broker leases no more mail, then the tree stops from its last child to its first."""

    reason: str


@dataclass(frozen=True, slots=True)
class GetStopPolicy:
    """→ StopPolicy, or None before a `Close`: the end of an actor is not the end of its container."""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """An actor or a container that was killed or cut short; named at the end of the log."""

    name: str
    activity: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A container that runs on without the daemon; named at the end of the log."""

    name: str
    activity: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many agents there are and how many of them run, for the status line."""

    agents: int
    running: int


@dataclass(frozen=True, slots=True)
class Ping:
    """To itself: check broker and store, and send the heartbeat if both answer."""


@dataclass(frozen=True, slots=True)
class PingAnswered:
    """To itself: broker and store have answered a ping."""
