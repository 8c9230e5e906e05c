"""A peer's socket: the agent surface without what belongs to a life the hive manages."""

import os
from pathlib import Path

from actors.admission.clients import Clients
from actors.admission.rates import Rates
from actors.agent.socket import routes
from actors.agent.socket.admission import admitted
from actors.agent.socket.context import RequestContext
from actors.connection import Connection
from actors.fair_share import GUARDED
from actors.listener import Listener
from actors.peers import queries
from actors.peers.messages import REGISTRY, SetPeerStatus
from actors.peers.queries import Peer
from actors.routes import Route, handler, route, verbs
from actors.secrets.redaction import Redactor, redacting
from actors.store import api as store
from actors.supervision import ChildSpec, Clock, Directory
from harness.wire.agent_api import PEER_VERBS
from harness.wire.agent_api import identity as wire
from harness.wire.errors import forbidden
from harness.wire.model import Done
from harness.wire.verb import Caller

ASK_SECONDS = 30.0


def peer_spec(
    peer: Peer, path: Path, directory: Directory, clock: Clock, *, clients: Clients, rates: Rates, redactor: Redactor
) -> ChildSpec:
    """The listener of one peer. Only the owner of the file may connect: the file system is the guard here."""
    uid = os.geteuid() if peer.uid is None else peer.uid
    owner = None if uid == os.geteuid() else (uid, os.getegid())
    context = RequestContext(peer.name, peer.name, Caller.PEER, directory, clock, clients.of(peer.name))
    answer = redacting(admitted(handler(ROUTES, context), context, lambda: rates), redactor)

    def start() -> Listener:
        return Listener(
            path=path, verbs=verbs(ROUTES, Caller.PEER), handler=answer, owner=owner, share=GUARDED, clock=clock
        )

    return ChildSpec(peer.name, start)


def whoami(context: RequestContext, _request: wire.Whoami, _connection: Connection) -> wire.WhoamiReply:
    peer = next((one for one in store.read(context.directory, queries.all_peers) if one.name == context.name), None)
    if peer is None:
        raise forbidden(f"{context.name} is no peer of this hive any more")
    allowed = None if peer.allowed_recipients is None else list(peer.allowed_recipients)
    return wire.WhoamiReply(
        name=context.name, role="peer", policy={"allowedRecipients": allowed}, verbs=sorted(PEER_VERBS)
    )


def set_status(context: RequestContext, request: wire.SetStatus, _connection: Connection) -> Done:
    context.directory.ask(REGISTRY, SetPeerStatus(context.name, request.text), timeout=ASK_SECONDS)
    return Done()


OWN = (route(wire.WHOAMI, whoami), route(wire.SET_STATUS, set_status))
"""Answered from the table of peers: no agent is behind the name."""

ROUTES: tuple[Route[RequestContext], ...] = (
    *(shared for shared in routes.ROUTES if shared.verb not in {own.verb for own in OWN}),
    *OWN,
)
