"""The interface of the peers: one typed function per request.

Every function raises HiveError: `bad_request` for an invalid name, `conflict` for one that is taken, `not_found`,
`forbidden`, `unavailable` or `timeout`.
"""

from collections.abc import Sequence
from pathlib import Path

from actors.peers import joining, mail, queries
from actors.peers.joining import socket_path
from actors.peers.messages import REGISTRY, AddPeer, ListPeers, RemovePeer
from actors.peers.snapshot import PeerSnapshot, error_row, row
from actors.store import api as store
from actors.store.stored_table import Unreadable
from actors.supervision import Directory
from harness.wire.errors import ErrorCode, HiveError, forbidden
from harness.wire.names import broker_name
from harness.wire.operator_api import PeerReply
from harness.wire.operator_rows import AgentRow, PeerRow
from harness.wire.times import from_ms

ASK_SECONDS = 5.0
CHANGE_SECONDS = 30.0


def add(
    directory: Directory, name: str, *, run_dir: Path, uid: int, allowed_recipients: Sequence[str] | None = None
) -> PeerReply:
    """Give an outside session a name and a socket that belongs to `uid`; returns what the session needs to join."""
    allowed = None if allowed_recipients is None else tuple(broker_name(one) for one in allowed_recipients)
    directory.ask(REGISTRY, AddPeer(name, uid, allowed), timeout=CHANGE_SECONDS)
    path = socket_path(run_dir, name)
    return PeerReply(name=name, socket=str(path), snippet=joining.command(path), mcp=joining.mcp_config(path))


def remove(directory: Directory, name: str) -> None:
    """Take name and socket back. When this returns, no client speaks as that peer and no agent can write to it."""
    directory.ask(REGISTRY, RemovePeer(name), timeout=CHANGE_SECONDS)


def peers(directory: Directory, run_dir: Path) -> list[PeerRow]:
    """Every peer with what it needs to join, by name."""
    unreadable = store.read(directory, lambda connection: queries.PEERS.error_rows(connection, _unreadable))
    return unreadable + [
        PeerRow(
            name=one.peer.name,
            socket=str(socket_path(run_dir, one.peer.name)),
            state=one.state.value,
            created_at=from_ms(one.peer.created_ms),
            uid=one.peer.uid,
            allowed_recipients=None if one.peer.allowed_recipients is None else list(one.peer.allowed_recipients),
            snippet=joining.command(socket_path(run_dir, one.peer.name)),
        )
        for one in _snapshots(directory)
    ]


def _unreadable(row: Unreadable) -> PeerRow:
    return PeerRow(name=row.key, socket="", state="unreadable", created_at=from_ms(0), snippet=row.sentence)


def rows(directory: Directory) -> list[AgentRow]:
    """Every peer as a row among the agents, by name."""
    snapshots = _snapshots(directory)
    figures = mail.counts(directory) if snapshots else {}
    unreadable = store.read(directory, lambda connection: queries.PEERS.error_rows(connection, error_row))
    return unreadable + [row(one, figures.get(one.peer.name)) for one in snapshots]


def is_peer(directory: Directory, name: str) -> bool:
    """Whether a peer has this name. Reads the table, asks no actor."""
    return store.read(directory, lambda connection: queries.is_peer(connection, name))


def explained(directory: Directory, name: object, refusal: HiveError) -> HiveError:
    """The error for an agent's verb on `name`: that it is a peer, if it is one; else `refusal`."""
    if refusal.code is not ErrorCode.NOT_FOUND or not isinstance(name, str) or not is_peer(directory, name):
        return refusal
    return forbidden(
        f"{name} is a peer: its life and its files are its owner's, not the hive's",
        f"`hive peer remove {name}` takes its socket back",
    )


def _snapshots(directory: Directory) -> list[PeerSnapshot]:
    found: list[PeerSnapshot] = directory.ask(REGISTRY, ListPeers(), timeout=ASK_SECONDS)
    return found
