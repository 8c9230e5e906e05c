"""What every function of an agent's or a peer's socket is given beside the request."""

from dataclasses import dataclass, field
from typing import Self

from actors.admission.clients import Client
from actors.supervision import Clock, Directory
from harness.wire import names
from harness.wire.verb import Caller


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Who asks, which the socket proves and no request can say; where actors are found; the time.

    `name` is the broker's spelling, `container` that of the folder and the actor.
    """

    name: str
    container: str
    caller: Caller
    directory: Directory
    clock: Clock
    client: Client = field(default_factory=Client)
    """Whether the sender is paused or suspended, and how much it may still do."""

    @classmethod
    def of_agent(cls, container: str, directory: Directory, clock: Clock, client: Client) -> Self:
        """The context of the socket of this agent or of the manager."""
        caller = Caller.MANAGER if container == names.MANAGER_CONTAINER else Caller.AGENT
        return cls(names.broker_name(container), container, caller, directory, clock, client)

    @classmethod
    def of_harness(cls, container: str, directory: Directory, clock: Clock, client: Client) -> Self:
        """The context of the socket of this agent's harness."""
        return cls(names.broker_name(container), container, Caller.HARNESS, directory, clock, client)
