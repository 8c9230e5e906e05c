"""The agents' part of the tree: the dynamic supervisor, and what hangs below it for each agent."""

from collections.abc import Callable, Iterable

from actors.agent.addresses import CONTAINER, REGISTRY
from actors.agent.container.actor import ContainerActor
from actors.agent.container.ending import shutdown
from actors.agent.context import AgentContext
from actors.agent.snapshot import AgentRecord
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

Sockets = Callable[[str], Iterable[ChildSpec]]
"""The listeners of an agent's sockets, as children."""

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
    """The dynamic supervisor of all agents; the registry fills it. When all start, the manager is first.

    Many agents may be restarted within a minute for reasons of their own: the intensity is that of a swarm. An agent
    that cannot be started in a rollout stays down, and the registry decides.
    """
    leader = Leader(names.MANAGER_CONTAINER, ready_seconds, width, notify=REGISTRY, retry=False)
    flags = SupervisorFlags(Strategy.LEADER_FIRST, intensity=100, period=60.0, backoff=Backoff(), leader=leader)
    return Supervisor(directory=directory, flags=flags, children=(), clock=clock)


def agent_spec(
    name: str,
    *,
    context: AgentContext,
    sockets: Sockets,
    record: Callable[[], AgentRecord],
    directory: Directory,
    clock: Clock,
) -> ChildSpec:
    """One agent. Transient: its supervisor gives up in an orderly way, and then the agent stays down, parked.

    `sockets` are the listeners of the agent's sockets. They are first: a harness that starts finds them listening.
    """
    children = (
        *sockets(name),
        ChildSpec(
            id=CONTAINER,
            start=lambda: ContainerActor(name=name, context=context, record=record, directory=directory, clock=clock),
            shutdown=shutdown.seconds(context),
        ),
    )
    return ChildSpec(
        id=name,
        start=lambda: Supervisor(directory=directory, flags=AGENT_FLAGS, children=children, clock=clock),
        restart=Restart.TRANSIENT,
        shutdown=Shutdown.INFINITY,
        type=ChildType.SUPERVISOR,
    )
