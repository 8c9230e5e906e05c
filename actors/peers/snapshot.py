"""The state of one peer, and its row in the list of agents. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from actors.broker.messages import Counts
from actors.peers.queries import Peer
from actors.store.stored_table import Unreadable
from harness.wire.operator_rows import AgentRow
from harness.wire.times import from_ms


class PeerState(StrEnum):
    """Whether the peer's socket is served: that is all the hive knows of a life that it does not manage."""

    LISTENING = "listening"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PeerSnapshot:
    """A peer as the registry keeps it in memory."""

    peer: Peer
    state: PeerState
    since_ms: int
    note: str | None = None
    """Why its socket is not served."""


def row(snapshot: PeerSnapshot, counts: Counts | None) -> AgentRow:
    """The peer among the agents; every field about a managed life is null."""
    peer = snapshot.peer
    return AgentRow(
        name=peer.name,
        role="peer",
        running=snapshot.state is PeerState.LISTENING,
        failed=snapshot.state is PeerState.FAILED,
        state=snapshot.state.value,
        since=from_ms(snapshot.since_ms),
        status_text=peer.status_text,
        status_set_at=None if peer.status_set_ms is None else from_ms(peer.status_set_ms),
        pending=None if counts is None else counts.pending,
        leased=None if counts is None else counts.leased,
        note=snapshot.note,
    )


def error_row(row: Unreadable) -> AgentRow:
    """What stands for a peer whose row cannot be read."""
    return AgentRow(name=row.key, role="peer", running=False, failed=True, state="unreadable", note=row.sentence)
