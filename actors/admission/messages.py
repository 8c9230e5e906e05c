"""The messages of the owner of suspensions."""

from dataclasses import dataclass

ADMISSION = "admission"


@dataclass(frozen=True, slots=True)
class RequestCrashed:
    """Told: an actor, or the function of a socket, ended unexpectedly over a request of this client."""

    name: str
    actor: str
    reason: str
    cmd: str
    request: str
    """The request as JSON, cut."""
    size: int
    """Of the whole request, in characters."""
    again: bool = False
    """Another actor has crashed over this request before."""


@dataclass(frozen=True, slots=True)
class GetSuspensions:
    """→ list of SuspensionRow, the oldest first."""


@dataclass(frozen=True, slots=True)
class Lift:
    """Serve this client again. → None, once it is on disk; HiveError `not_found` when it is not suspended."""

    name: str


@dataclass(frozen=True, slots=True)
class WriteAgain:
    """To itself: try again to write what could not be written."""
