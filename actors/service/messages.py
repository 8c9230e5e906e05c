"""What the service actor takes. Replies are named in each docstring."""

from dataclasses import dataclass
from enum import StrEnum

from actors.supervision import SystemMessage

SERVICE = "service"


class OnStop(StrEnum):
    """What becomes of the agents' containers when the daemon stops."""

    KEEP = "keep"
    """They and their turns run on; the next daemon takes them over."""
    STOP = "stop"
    """Their turns get the grace period, then they end."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """What a container actor that stops does with its container. `grace_seconds` is what a running turn has left.

    `rebuild`: it is started again at once, so that a cut turn is no loss worth a word.
    """

    ends: bool = False
    grace_seconds: float = 0.0
    rebuild: bool = False


@dataclass(frozen=True, slots=True)
class Close(SystemMessage):
    """The daemon is to end in order: doors first, then the tree from bottom to top."""

    reason: str


@dataclass(frozen=True, slots=True)
class AskFarewell:
    """→ Farewell, or None before a `Close`: an actor's end is not its container's."""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Something that could not end by itself. Told by whoever ended it; named at the end of the log."""

    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A container that runs on without the daemon."""

    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many agents there are and how many of them run, for the status line."""

    agents: int
    running: int


@dataclass(frozen=True, slots=True)
class Ping:
    """To itself: show the service manager that the hive answers."""


@dataclass(frozen=True, slots=True)
class Answered:
    """To itself: the rooms that a ping asks have answered."""
