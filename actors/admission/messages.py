"""The messages of the owner of suspensions."""

from dataclasses import dataclass

from actors.admission.clients import Client

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
    client: Client
    """Who asked; the name may have another owner by now."""
    again: bool = False
    """Another actor has crashed over this request before."""
    machine: bool = False
    """The error was the machine's: it is kept and does not count."""


@dataclass(frozen=True, slots=True)
class OwnerEnded:
    """Told: the agent or peer of that name is no more; of the next one nothing is known."""

    name: str


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
