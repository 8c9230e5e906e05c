"""The messages of the peers' registry."""

from dataclasses import dataclass

PEERS = "peers"
REGISTRY = f"{PEERS}/registry"
SOCKETS = f"{PEERS}/sockets"


def listener_name(peer: str) -> str:
    """The directory name of the listener that serves this peer's socket."""
    return f"{SOCKETS}/{peer}"


@dataclass(frozen=True, slots=True)
class AddPeer:
    """Give an outside session a name and a socket that belongs to `uid`. → None, when the socket is served.

    `allowed_recipients` None: it may write to everybody.
    """

    name: str
    uid: int
    allowed_recipients: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RemovePeer:
    """Take name and socket back. → None, when no client can use them any more."""

    name: str


@dataclass(frozen=True, slots=True)
class SetPeerStatus:
    """Set the line that a peer shows about itself."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ListPeers:
    """→ list of PeerSnapshot, by name."""


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """To itself: serve the socket of a peer that is on disk already, or try that again."""

    name: str
