"""The listener of an agent's socket, a child of the agent's supervisor."""

import os

from actors.agent.context import AgentContext
from actors.agent.socket.context import RequestContext
from actors.agent.socket.routes import ROUTES
from actors.listener import Listener
from actors.routes import handler, verbs
from actors.secrets.redaction import redacting
from actors.supervision import Clock, Directory


def agent_listener(name: str, *, context: AgentContext, directory: Directory, clock: Clock) -> Listener:
    """The agent's socket. Only the user of its container may speak as this agent, and the user of the daemon."""
    paths = context.workspace.of(name)
    uid = context.runtime.owner(paths)
    request_context = RequestContext.of_agent(name, directory, clock)
    return Listener(
        path=paths.socket,
        verbs=verbs(ROUTES, request_context.caller),
        handler=redacting(handler(ROUTES, request_context), context.redactor()),
        owner=None if uid == os.geteuid() else (uid, uid),
        allowed_uids=frozenset({uid, os.geteuid()}),
        clock=clock,
    )
