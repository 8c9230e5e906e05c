"""The listener of an agent's socket, a child of the agent's supervisor."""

import os

from actors.agent.context import AgentContext
from actors.agent.socket.context import Desk
from actors.agent.socket.handlers import handler
from actors.agent.socket.surface import surface
from actors.listener import Listener
from actors.supervision import Clock, Directory


def agent_listener(name: str, *, context: AgentContext, directory: Directory, clock: Clock) -> Listener:
    """The agent's socket. Its container runs as one user, and no other user may speak as this agent."""
    paths = context.workspace.of(name)
    uid = context.runtime.owner(paths)
    return Listener(
        path=paths.socket,
        verbs=surface(name),
        handler=handler(Desk.of(name, directory)),
        owner=None if uid == os.geteuid() else (uid, uid),
        allowed_uids=frozenset({uid}),
        clock=clock,
    )
