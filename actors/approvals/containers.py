"""What carrying out an approval needs of the agents. The real ones ask the roster; tests put others in their place.

Names are container names. Everything may raise HiveError, and everything may be asked twice.
"""

from typing import Protocol

from actors.agent import api as agents
from actors.agent.standing import Desired, Standing
from actors.agent.state import AgentState
from actors.broker import api as broker
from actors.supervision import Directory, Promise, resolved
from harness.wire.errors import not_found
from harness.wire.events import HarnessState


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
        """Kept when its harness waits for mail or has asked for it since; at once for one that can not.

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
        return resolved(None) if _is_held(standing) else broker.asked_for_mail(self._directory, agent, since_ms)

    def _standing(self, agent: str) -> Standing | None:
        return next((one for one in agents.standings(self._directory) if one.record.name == agent), None)


def _is_held(standing: Standing) -> bool:
    """A stopped one takes the change with its next start; one that is paused or lacks its login asks for no mail."""
    record, seen = standing.record, standing.seen
    if record.desired is Desired.STOPPED or record.paused:
        return True
    return seen is not None and seen.state is AgentState.RUNNING and seen.activity == HarnessState.NEEDS_LOGIN
