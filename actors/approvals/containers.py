"""What carrying out an approval needs of the agents. The real ones ask the roster; tests put others in their place.

Names are container names. Everything may raise HiveError, and everything may be asked twice.
"""

from typing import Protocol

from actors.agent import api as agents
from actors.agent.standing import Desired, Record
from actors.broker import api as broker
from actors.supervision import Directory, Promise, resolved
from harness.wire.errors import not_found


class Containers(Protocol):
    """The agents' side of a deployment."""

    def names(self) -> list[str]:
        """Every agent the roster knows."""

    def note_deployed(self, agent: str, sha: str | None) -> None:
        """Show in its row what is in force; nothing for one the roster does not know."""

    def rebuild(self, agent: str) -> None:
        """Have it run what is in force, from a fresh start; one that is not wanted, or is gone, stays down."""

    def spawn(self, agent: str) -> None:
        """Have it exist and run."""

    def remove(self, agent: str) -> None:
        """Have it not exist; what it wrote is kept."""

    def ready(self, agent: str, since_ms: int) -> Promise[None]:
        """Kept when its harness waits for mail or has asked for it since; at once for one that is not to run.

        `not_found` for one the roster does not know any more.
        """


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
        record = self._record(agent)
        if record is not None and record.desired is Desired.RUNNING:
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
        record = self._record(agent)
        if record is None:
            raise not_found(f"agent {agent!r}", "somebody destroyed it meanwhile")
        if record.desired is Desired.STOPPED or record.paused:
            # A stopped agent takes the change with its next start; a paused one does not ask for mail.
            return resolved(None)
        return broker.asked(self._directory, agent, since_ms)

    def _record(self, agent: str) -> Record | None:
        return next((one.record for one in agents.standings(self._directory) if one.record.name == agent), None)
