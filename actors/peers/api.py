"""What others may ask of the peers: one typed function per request.

Everything raises HiveError: `bad_request` for a name nobody can have, `conflict` for one that is taken, `not_found`,
`forbidden`, `unavailable` or `timeout`.
"""

from collections.abc import Sequence
from pathlib import Path

from actors.peers import snippet
from actors.peers.figures import counts
from actors.peers.messages import REGISTRY, AddPeer, ListPeers, RemovePeer
from actors.peers.places import socket_path
from actors.peers.standing import PeerStanding, row
from actors.supervision import Directory
from harness.wire.names import broker_name
from harness.wire.operator_api import PeerReply
from harness.wire.operator_rows import AgentRow, PeerRow
from harness.wire.times import from_ms

ASK_SECONDS = 5.0
CHANGE_SECONDS = 30.0


def add(
    directory: Directory, name: str, *, run_dir: Path, uid: int, allowed_recipients: Sequence[str] | None = None
) -> PeerReply:
    """Give an outside session a name and a socket that belongs to `uid`; what it needs to join."""
    allowed = None if allowed_recipients is None else tuple(broker_name(one) for one in allowed_recipients)
    directory.ask(REGISTRY, AddPeer(name, uid, allowed), timeout=CHANGE_SECONDS)
    path = socket_path(run_dir, name)
    return PeerReply(name=name, socket=str(path), snippet=snippet.command(path), mcp=snippet.mcp_config(path))


def remove(directory: Directory, name: str) -> None:
    """Take both back. When this returns, nobody speaks as that peer and nobody can write to it."""
    directory.ask(REGISTRY, RemovePeer(name), timeout=CHANGE_SECONDS)


def peers(directory: Directory, run_dir: Path) -> list[PeerRow]:
    """Every peer with what it needs to join, by name."""
    return [
        PeerRow(
            name=one.peer.name,
            socket=str(socket_path(run_dir, one.peer.name)),
            state=one.state.value,
            created_at=from_ms(one.peer.created_ms),
            uid=one.peer.uid,
            allowed_recipients=None if one.peer.allowed_recipients is None else list(one.peer.allowed_recipients),
            snippet=snippet.command(socket_path(run_dir, one.peer.name)),
        )
        for one in _standings(directory)
    ]


def rows(directory: Directory) -> list[AgentRow]:
    """Every peer as the operator sees it among the agents, by name."""
    standings = _standings(directory)
    figures = counts(directory) if standings else {}
    return [row(one, figures.get(one.peer.name)) for one in standings]


def _standings(directory: Directory) -> list[PeerStanding]:
    found: list[PeerStanding] = directory.ask(REGISTRY, ListPeers(), timeout=ASK_SECONDS)
    return found
