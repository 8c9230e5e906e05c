"""The watcher of the containers: an actor above that monitors every container actor and is told of some ends.

The container and the registry tell it; what it does about that is its own. Nothing here waits. Agents are named by
their container.
"""

from dataclasses import dataclass

from actors.agent.addresses import container_actor
from actors.supervision import Directory

WATCHER = "crashwatch"


@dataclass(frozen=True, slots=True)
class ContainerUp:
    """The container of this agent has come up: its next failed start is news again."""

    agent: str


@dataclass(frozen=True, slots=True)
class ContainerParked:
    """The container ended for a reason that a restart does not mend; `error` is the ContainerCrashed."""

    agent: str
    error: BaseException


@dataclass(frozen=True, slots=True)
class AgentGivenUp:
    """The supervisor of this agent has given up: the agent stays down until it is started by a person."""

    agent: str
    reason: str


def monitor(directory: Directory, agent: str) -> None:
    """Have the watcher monitor the container actor of `agent`, which is about to start.

    The monitor is placed here and now, so that an end right after the start is seen too. A watcher that starts later
    finds the actor by itself.
    """
    directory.monitor(container_actor(agent), WATCHER)


def tell(directory: Directory, message: ContainerUp | ContainerParked | AgentGivenUp) -> None:
    """Tell the watcher."""
    directory.tell(WATCHER, message)
