"""The agents' part of the tree: the dynamic supervisor, and what hangs below it for each agent."""

import os
from collections.abc import Callable

from actors.agent import parting
from actors.agent.actor import AgentActor
from actors.agent.host import AgentHost
from actors.agent.messages import ROSTER
from actors.agent.socket import ROUTES, RequestContext
from actors.agent.standing import Record
from actors.listener import Listener
from actors.routes import handler, verbs
from actors.supervision import (
    Backoff,
    ChildSpec,
    ChildType,
    Clock,
    Directory,
    Leader,
    Restart,
    Shutdown,
    Strategy,
    Supervisor,
    SupervisorFlags,
)
from harness.wire import names

READY_SECONDS = 60.0
WAVE_WIDTH = 4

AGENT_FLAGS = SupervisorFlags(
    strategy=Strategy.ONE_FOR_ALL,
    intensity=5,
    period=60.0,
    backoff=Backoff(first=0.25, factor=3.0, cap=30.0, decay=60.0),
)
"""A container that keeps dying is tried at 0, 0.25, 0.75, 2.25 and 6.75 seconds, then its agent is parked."""


def agents_supervisor(
    directory: Directory, clock: Clock, *, ready_seconds: float = READY_SECONDS, width: int = WAVE_WIDTH
) -> Supervisor:
    """The dynamic supervisor of all agents; the roster fills it. When all start, the manager is first.

    Many may be restarted within a minute for reasons of their own: its intensity is that of a swarm. One that can not
    be started in a rollout stays down, and the roster decides.
    """
    leader = Leader(names.MANAGER_CONTAINER, ready_seconds, width, notify=ROSTER, retry=False)
    flags = SupervisorFlags(Strategy.LEADER_FIRST, intensity=100, period=60.0, backoff=Backoff(), leader=leader)
    return Supervisor(directory=directory, flags=flags, children=(), clock=clock)


def agent_spec(
    name: str, *, host: AgentHost, record: Callable[[], Record], directory: Directory, clock: Clock
) -> ChildSpec:
    """One agent. Transient: its supervisor gives up in an orderly way, and then the agent stays down, parked.

    The socket is first: a harness that starts finds the host listening.
    """
    children = (
        ChildSpec(id="socket", start=lambda: agent_listener(name, host=host, directory=directory, clock=clock)),
        ChildSpec(
            id="container",
            start=lambda: AgentActor(name=name, host=host, record=record, directory=directory, clock=clock),
            shutdown=parting.seconds(host),
        ),
    )
    return ChildSpec(
        id=name,
        start=lambda: Supervisor(directory=directory, flags=AGENT_FLAGS, children=children, clock=clock),
        restart=Restart.TRANSIENT,
        shutdown=Shutdown.INFINITY,
        type=ChildType.SUPERVISOR,
    )


def agent_listener(name: str, *, host: AgentHost, directory: Directory, clock: Clock) -> Listener:
    """The agent's socket. Everything inside runs as one user of the host, so nobody else may speak as this agent."""
    paths = host.workspace.of(name)
    uid = host.runtime.owner(paths)
    context = RequestContext.of_agent(name, directory, clock)
    return Listener(
        path=paths.socket,
        verbs=verbs(ROUTES, context.caller),
        handler=handler(ROUTES, context),
        owner=None if uid == os.geteuid() else (uid, uid),
        allowed_uids=frozenset({uid}),
        clock=clock,
    )
