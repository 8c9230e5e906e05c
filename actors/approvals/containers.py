"""What carrying out an approval needs of the agents. The real ones ask the roster; tests put others in their place.

Names are container names. Everything may raise HiveError, and everything may be asked twice.
"""

from typing import Protocol

from actors.agent import api as agents
from actors.agent.standing import Desired
from actors.broker import api as broker
from actors.supervision import Directory, Promise, resolved


class Containers(Protocol):
    """The agents' side of a deployment."""

    def names(self) -> list[str]:
        """Every agent the roster knows."""

    def note_deployed(self, agent: str, sha: str | None) -> None:
        """Show in its row what is in force; nothing for one the roster does not know."""

    def rebuild(self, agent: str) -> None:
        """Have it run what is in force, from a fresh start; one that is not wanted stays down."""

    def spawn(self, agent: str) -> None:
        """Have it exist and run."""

    def remove(self, agent: str) -> None:
        """Have it not exist; what it wrote is kept."""

    def ready(self, agent: str, since_ms: int) -> Promise[None]:
        """Kept when its harness waits for mail or has asked for it since; at once for one that is not to run."""


class LiveContainers:
    """Through `actors.agent.api` and the broker. What becomes of an agent is told with its approval, and only there."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def names(self) -> list[str]:
        return [one.record.name for one in agents.standings(self._directory)]

    def note_deployed(self, agent: str, sha: str | None) -> None:
        if agent in self.names():
            agents.set_deployed(self._directory, agent, sha)

    def rebuild(self, agent: str) -> None:
        if self._wanted(agent):
            agents.restart(self._directory, agent)

    def spawn(self, agent: str) -> None:
        if agent in self.names():
            agents.start(self._directory, agent)
        else:
            agents.spawn(self._directory, agent, silent=True)

    def remove(self, agent: str) -> None:
        if agent in self.names():
            agents.destroy(self._directory, agent, silent=True)

    def ready(self, agent: str, since_ms: int) -> Promise[None]:
        if not self._wanted(agent):
            return resolved(None)
        return broker.asked(self._directory, agent, since_ms)

    def _wanted(self, agent: str) -> bool:
        """A stopped agent takes the change with its next start; a paused one does not ask for mail."""
        record = next(one.record for one in agents.standings(self._directory) if one.record.name == agent)
        return record.desired is Desired.RUNNING and not record.paused
