"""A peer's socket: the agent surface without what belongs to a life the hive manages."""

import os
from pathlib import Path

from actors.agent.socket.context import Desk, Verb
from actors.agent.socket.handlers import VERBS as AGENT_FUNCTIONS
from actors.connection import Connection
from actors.listener import Handler, Listener
from actors.peers import queries
from actors.peers.messages import REGISTRY, SetPeerStatus
from actors.peers.queries import Peer
from actors.store import api as store
from actors.supervision import ChildSpec, Clock, Directory
from harness.wire import agent_api
from harness.wire.agent_api import PEER_VERBS
from harness.wire.errors import forbidden
from harness.wire.model import Done, Reply, Request

ASK_SECONDS = 30.0


def peer_spec(peer: Peer, path: Path, directory: Directory, clock: Clock) -> ChildSpec:
    """The listener of one peer. The file's owner alone may connect: the file system is the guard here."""
    uid = os.geteuid() if peer.uid is None else peer.uid
    owner = None if uid == os.geteuid() else (uid, os.getegid())
    desk = Desk(peer.name, peer.name, "peer", directory)

    def start() -> Listener:
        return Listener(path=path, verbs=PEER_VERBS, handler=handler(desk), owner=owner, clock=clock)

    return ChildSpec(peer.name, start)


def handler(desk: Desk) -> Handler:
    """The function that the peer's listener calls for each request."""

    def answer(request: Request, connection: Connection) -> Reply:
        return VERBS[request.cmd](desk, request, connection)

    return answer


def whoami(desk: Desk, _request: Request, _connection: Connection) -> Reply:
    peer = next((one for one in store.read(desk.directory, queries.all_peers) if one.name == desk.name), None)
    if peer is None:
        raise forbidden(f"{desk.name} is no peer of this hive any more")
    allowed = None if peer.allowed_recipients is None else list(peer.allowed_recipients)
    return agent_api.WhoamiReply(
        name=desk.name, role="peer", policy={"allowedRecipients": allowed}, verbs=sorted(PEER_VERBS)
    )


def set_status(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.SetStatus)
    desk.directory.ask(REGISTRY, SetPeerStatus(desk.name, request.text), timeout=ASK_SECONDS)
    return Done()


VERBS: dict[str, Verb] = {cmd: AGENT_FUNCTIONS[cmd] for cmd in PEER_VERBS} | {
    "whoami": whoami,
    "set_status": set_status,
}
