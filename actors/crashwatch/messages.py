"""What the crash watch is told. Agents are container names."""

from dataclasses import dataclass

from actors.supervision import Promise
from harness.wire.events import HelperEvent


@dataclass(frozen=True, slots=True)
class Up:
    """The container of this agent has come up: its next failed start is news again."""

    agent: str


@dataclass(frozen=True, slots=True)
class Parked:
    """It ended for a reason that starting it again does not mend: its actor lives and rests."""

    agent: str
    error: BaseException


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Its supervisor has given up on it: it stays down until somebody starts it."""

    agent: str
    reason: str


@dataclass(frozen=True, slots=True)
class Look:
    """To itself: the first moment has come at which somebody may be stuck."""


@dataclass(frozen=True, slots=True)
class Judge:
    """To itself: what was asked for by a look is answered by now, or counts as not known."""

    counts: Promise[object]
    signs: tuple[tuple[str, Promise[object]], ...]


@dataclass(frozen=True, slots=True)
class Tell:
    """To itself: an event that could not be told yet."""

    event: HelperEvent


@dataclass(frozen=True, slots=True)
class Told:
    """To itself: a post has ended."""

    event: HelperEvent
    result: Promise[object]
