"""What carrying out an approval needs of the agents. The real ones ask the registry; tests put others in their place.

Names are container names. Everything may raise HiveError, and everything may be asked twice.
"""

from typing import Protocol

from actors.agent.container.state import AgentState
from actors.agent.registry import api as agents
from actors.agent.snapshot import AgentSnapshot, Desired
from actors.broker import api as broker
from actors.supervision import Directory, Promise, resolved
from harness.wire.errors import not_found
from harness.wire.events import HarnessState


class Containers(Protocol):
    """The agents' side of a deployment."""

    def names(self) -> list[str]:
        """Every agent the registry knows."""

    def note_deployed(self, agent: str, sha: str | None) -> None:
        """Show in its row what is in force; nothing for one the registry does not know."""

    def rebuild(self, agent: str) -> None:
        """Have it run what is in force, from a fresh start; one that is not wanted, or is gone, stays down."""

    def spawn(self, agent: str) -> None:
        """Have it exist and run."""

    def remove(self, agent: str) -> None:
        """Have it not exist; what it wrote is kept."""

    def ready(self, agent: str, since_ms: int) -> Promise[None]:
        """Kept when its harness waits for mail or has asked for it since; at once for one that can not.

        `not_found` for one the registry does not know any more.
        """


class LiveContainers:
    """Through `actors.agent.api` and the broker. What becomes of an agent is told with its approval, and only there."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def names(self) -> list[str]:
        return [one.record.name for one in agents.snapshots(self._directory)]

    def note_deployed(self, agent: str, sha: str | None) -> None:
        if agent in self.names():
            agents.set_deployed(self._directory, agent, sha)

    def rebuild(self, agent: str) -> None:
        standing = self._standing(agent)
        if standing is not None and standing.record.desired is Desired.RUNNING:
            agents.rebuild(self._directory, agent, silent=True)

    def spawn(self, agent: str) -> None:
        if agent in self.names():
            # By an earlier try, on what is in force: nobody else can spawn it meanwhile.
            agents.start(self._directory, agent)
        else:
            agents.spawn(self._directory, agent, silent=True)

    def remove(self, agent: str) -> None:
        if agent in self.names():
            agents.destroy(self._directory, agent, silent=True)

    def ready(self, agent: str, since_ms: int) -> Promise[None]:
        standing = self._standing(agent)
        if standing is None:
            raise not_found(f"agent {agent!r}", "somebody destroyed it meanwhile")
        return resolved(None) if _is_held(standing) else broker.asked(self._directory, agent, since_ms)

    def _standing(self, agent: str) -> AgentSnapshot | None:
        return next((one for one in agents.snapshots(self._directory) if one.record.name == agent), None)


def _is_held(standing: AgentSnapshot) -> bool:
    """A stopped one takes the change with its next start; one that is paused or lacks its login asks for no mail."""
    record, observed = standing.record, standing.observed
    if record.desired is Desired.STOPPED or record.paused:
        return True
    return (
        observed is not None and observed.state is AgentState.RUNNING and observed.activity == HarnessState.NEEDS_LOGIN
    )
