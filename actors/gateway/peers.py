"""Verbs on peers: which have joined from outside, and letting one in or out."""

from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.peers import api as peers
from actors.routes import Route, route
from harness.wire.model import Done
from harness.wire.operator_api.access import peers as wire
from harness.wire.operator_api.requests import ByName, Plain


def listing(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.PeersReply:
    return wire.PeersReply(peers=peers.peers(context.directory, context.config.run_dir))


def add_peer(context: OperatorContext, request: wire.NewPeer, connection: Connection) -> wire.PeerReply:
    """Without `uid` in the request the socket belongs to the user who asks."""
    return peers.add(
        context.directory,
        request.name,
        run_dir=context.config.run_dir,
        uid=connection.uid if request.uid is None else request.uid,
        allowed_recipients=request.allowed_recipients,
    )


def remove_peer(context: OperatorContext, request: ByName, _connection: Connection) -> Done:
    peers.remove(context.directory, request.name)
    return Done()


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.PEERS, listing),
    route(wire.ADD_PEER, add_peer),
    route(wire.REMOVE_PEER, remove_peer),
)
