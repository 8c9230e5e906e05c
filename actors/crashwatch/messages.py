"""The messages of the crash watch to itself. The ends it is told of are in `actors.agent.container.watcher`."""

from dataclasses import dataclass

from actors.supervision import Promise
from harness.wire.events import HelperEvent


@dataclass(frozen=True, slots=True)
class Check:
    """The first moment has come at which an agent may be stuck."""


@dataclass(frozen=True, slots=True)
class Evaluate:
    """What a check has asked for is answered by now, or counts as not known."""

    counts: Promise[object]
    liveness: tuple[tuple[str, Promise[object]], ...]


@dataclass(frozen=True, slots=True)
class NotifyAgain:
    """An event that could not be posted yet."""

    event: HelperEvent


@dataclass(frozen=True, slots=True)
class Notified:
    """A post has ended, well or not."""

    event: HelperEvent
    result: Promise[object]
