"""What the registry of the peers is told."""

from dataclasses import dataclass

PEERS = "peers"
REGISTRY = f"{PEERS}/registry"
SOCKETS = f"{PEERS}/sockets"


def listener_name(peer: str) -> str:
    """The directory name of the listener that serves this peer's socket."""
    return f"{SOCKETS}/{peer}"


@dataclass(frozen=True, slots=True)
class AddPeer:
    """Give an outside session a name and a socket. → PeerRow, when the socket is served.

    `allowed_recipients` None: it may write to everybody. `uid`: whose socket it is.
    """

    name: str
    uid: int
    allowed_recipients: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RemovePeer:
    """Take name and socket back. Answered when nobody can use them any more."""

    name: str


@dataclass(frozen=True, slots=True)
class SetPeerStatus:
    """The line a peer shows about itself."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ListPeers:
    """→ the standing of every peer, by name."""


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """To itself: serve the socket of a peer that was there before this actor, or try that again."""

    name: str
