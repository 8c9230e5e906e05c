"""Verbs on peers: who has joined from outside, and letting somebody in or out."""

from actors.connection import Connection
from actors.gateway.services import Services, Verb
from actors.peers import api as peers
from harness.wire import operator_api
from harness.wire.model import Done, Reply, Request


def listing(services: Services, _request: Request, _connection: Connection) -> Reply:
    return operator_api.PeersReply(peers=peers.peers(services.directory, services.config.run_dir))


def add_peer(services: Services, request: Request, connection: Connection) -> Reply:
    """The socket belongs to whoever asks for it, unless he says whose it shall be."""
    assert isinstance(request, operator_api.NewPeer)
    return peers.add(
        services.directory,
        request.name,
        run_dir=services.config.run_dir,
        uid=connection.uid if request.uid is None else request.uid,
        allowed_recipients=request.allowed_recipients,
    )


def remove_peer(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.ByName)
    peers.remove(services.directory, request.name)
    return Done()


VERBS: dict[str, Verb] = {"peers": listing, "add_peer": add_peer, "remove_peer": remove_peer}
