"""Peers: outside sessions that have joined, and letting one in or out."""

from typing import Annotated, Any, Literal

from pydantic import Field

from harness.wire.boundary.listing import ListReply
from harness.wire.model import Done, Reply, Request
from harness.wire.names import NewName, Recipient
from harness.wire.operator_api.requests import ByName, Plain
from harness.wire.operator_rows import PeerRow
from harness.wire.verb import OPERATOR_ONLY, OPERATORS, Rows, Verb


class PeersReply(ListReply):
    peers: list[PeerRow]


class NewPeer(Request):
    """`allowed_recipients` left out: it may write to everybody. `uid`: whose its socket is; left out: the asker's."""

    cmd: Literal["add_peer"] = "add_peer"
    name: NewName
    allowed_recipients: list[Recipient] | None = None
    uid: Annotated[int, Field(ge=0, lt=2**32 - 1)] | None = None


class PeerReply(Reply):
    """What the outside session needs: `snippet` for a shell, or `mcp` for a configuration file of Claude Code."""

    name: str
    socket: str
    snippet: str
    mcp: dict[str, Any]


PEERS = Verb("peers", Plain, PeersReply, OPERATORS)
ADD_PEER = Verb("add_peer", NewPeer, PeerReply, OPERATOR_ONLY)
REMOVE_PEER = Verb("remove_peer", ByName, Done, OPERATOR_ONLY)

VERBS: Rows = (PEERS, ADD_PEER, REMOVE_PEER)
