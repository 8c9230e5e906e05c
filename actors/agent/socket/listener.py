"""The listeners of an agent's two sockets, children of the agent's supervisor."""

import os

from actors.admission.rates import Rates
from actors.agent.addresses import HARNESS, SOCKET
from actors.agent.container.launch import published_config
from actors.agent.context import AgentContext
from actors.agent.socket.admission import admitted
from actors.agent.socket.context import RequestContext
from actors.agent.socket.routes import ROUTES
from actors.fair_share import GUARDED
from actors.listener import Handler, Listener
from actors.routes import handler, verbs
from actors.secrets.redaction import redacting
from actors.supervision import ChildSpec, Clock, Directory


def agent_listener(name: str, *, context: AgentContext, directory: Directory, clock: Clock) -> Listener:
    """The agent's socket. Only the user of its container may speak as this agent, and the user of the daemon."""
    paths = context.workspace.of(name)
    uid = context.runtime.owner(paths)
    request_context = RequestContext.of_agent(name, directory, clock, context.clients.of(name))

    return Listener(
        path=paths.socket,
        verbs=verbs(ROUTES, request_context.caller),
        handler=_answers(request_context, context),
        owner=None if uid == os.geteuid() else (uid, uid),
        allowed_uids=frozenset({uid, os.geteuid()}),
        share=GUARDED,
        clock=clock,
    )


def harness_listener(name: str, *, context: AgentContext, directory: Directory, clock: Clock) -> Listener:
    """The socket of the agent's harness, outside the container. Only the shim connects, the daemon's user like it."""
    request_context = RequestContext.of_harness(name, directory, clock, context.clients.of(name))
    return Listener(
        path=context.workspace.of(name).harness_socket,
        verbs=verbs(ROUTES, request_context.caller),
        handler=_answers(request_context, context),
        allowed_uids=frozenset({os.geteuid()}),
        share=GUARDED,
        clock=clock,
    )


def agent_sockets(name: str, *, context: AgentContext, directory: Directory, clock: Clock) -> tuple[ChildSpec, ...]:
    """Both, as children."""
    return (
        ChildSpec(SOCKET, lambda: agent_listener(name, context=context, directory=directory, clock=clock)),
        ChildSpec(HARNESS, lambda: harness_listener(name, context=context, directory=directory, clock=clock)),
    )


def _answers(request_context: RequestContext, context: AgentContext) -> Handler:
    """The functions behind a socket, for the requests that are admitted."""
    paths = context.workspace.of(request_context.container)

    def rates() -> Rates:
        config = published_config(paths)
        return context.rates if config is None else context.rates.with_limits(config.limits)

    # What is kept of a request that crashes something is kept without secrets.
    return redacting(admitted(handler(ROUTES, request_context), request_context, rates), context.redactor())
