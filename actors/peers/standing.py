"""How a peer stands, and its row in the list of agents. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from actors.broker.messages import Counts
from actors.peers.table import Peer
from harness.wire.operator_rows import AgentRow
from harness.wire.times import from_ms


class PeerState(StrEnum):
    """What the hive knows of a peer: whether its socket is served. Its life is not the hive's."""

    LISTENING = "listening"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PeerStanding:
    """A peer as the registry knows it."""

    peer: Peer
    state: PeerState
    since_ms: int
    note: str | None = None
    """Why its socket is not served."""


def row(standing: PeerStanding, counts: Counts | None) -> AgentRow:
    """As one of the agents; everything that belongs to a life the hive manages is null."""
    peer = standing.peer
    return AgentRow(
        name=peer.name,
        role="peer",
        running=standing.state is PeerState.LISTENING,
        failed=standing.state is PeerState.FAILED,
        state=standing.state.value,
        since=from_ms(standing.since_ms),
        status_text=peer.status_text,
        status_set_at=None if peer.status_set_ms is None else from_ms(peer.status_set_ms),
        pending=None if counts is None else counts.pending,
        leased=None if counts is None else counts.leased,
        note=standing.note,
    )
