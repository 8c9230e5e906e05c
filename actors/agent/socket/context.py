"""One agent's socket as its verbs see it. Who asks is known from the socket, never from the request."""

from collections.abc import Callable
from dataclasses import dataclass

from actors.connection import Connection
from actors.supervision import Directory
from harness.wire import names
from harness.wire.model import Reply, Request


@dataclass(frozen=True, slots=True)
class Desk:
    """One agent's socket: `name` is the broker's, `container` the folder's and the actor's."""

    name: str
    container: str
    role: str
    directory: Directory

    @classmethod
    def of(cls, container: str, directory: Directory) -> "Desk":
        """The desk of this container."""
        manager = container == names.MANAGER_CONTAINER
        return cls(names.broker_name(container), container, "manager" if manager else "agent", directory)


Verb = Callable[[Desk, Request, Connection], Reply]
"""Answers one request."""
