"""What a deployer needs of the agents. The live implementation asks the registry; tests have one of their own.

Names are container names. Every method may raise HiveError, and may be called twice.
"""

from typing import Protocol

from actors.agent.container.state import AgentState
from actors.agent.registry import api as agents
from actors.agent.snapshot import AgentSnapshot, Desired
from actors.broker import api as broker
from actors.supervision import Directory, Promise, resolved
from harness.wire.errors import not_found, unavailable
from harness.wire.events import HarnessState


class Containers(Protocol):
    """The agents' side of a deployment."""

    def names(self) -> list[str]:
        """Every agent that exists."""

    def note_deployed(self, agent: str, sha: str | None) -> None:
        """Show in its row the commit in force; does nothing for an agent that does not exist."""

    def rebuild(self, agent: str) -> Promise[None]:
        """Restart it with the commit in force; an agent that is stopped or gone stays down.

        Does not wait: a running turn may end first.
        """

    def spawn(self, agent: str) -> None:
        """Make it exist and run."""

    def remove(self, agent: str) -> None:
        """Make it not exist; its files are kept."""

    def ready(self, agent: str, since_ms: int) -> Promise[None]:
        """Kept when its harness waits for mail or has asked for it since; at once for a harness that cannot.

        `not_found` for an agent that does not exist any more.
        """

    def works(self, agent: str, sha: str) -> bool:
        """Whether Claude was opened with this commit and all of it worked, or cannot be opened now; False: not yet.

        `unavailable` with the reason for which it does not work.
        """


class LiveContainers:
    """Through the api of the registry and the broker. `silent`: the approval tells what became of the agent."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def names(self) -> list[str]:
        return [one.record.name for one in agents.snapshots(self._directory)]

    def note_deployed(self, agent: str, sha: str | None) -> None:
        if agent in self.names():
            agents.set_deployed(self._directory, agent, sha)

    def rebuild(self, agent: str) -> Promise[None]:
        snapshot = self._snapshot(agent)
        if snapshot is None or snapshot.record.desired is not Desired.RUNNING:
            return resolved(None)
        return agents.rebuild_later(self._directory, agent, silent=True)

    def spawn(self, agent: str) -> None:
        if agent in self.names():
            # An earlier try spawned it, with the commit in force: only this approval may spawn it meanwhile.
            agents.start(self._directory, agent)
        else:
            agents.spawn(self._directory, agent, silent=True)

    def remove(self, agent: str) -> None:
        if agent in self.names():
            agents.destroy(self._directory, agent, silent=True)

    def ready(self, agent: str, since_ms: int) -> Promise[None]:
        snapshot = self._snapshot(agent)
        if snapshot is None:
            raise not_found(f"agent {agent!r}", "it was destroyed meanwhile")
        return resolved(None) if _is_held(snapshot) else broker.asked_for_mail(self._directory, agent, since_ms)

    def works(self, agent: str, sha: str) -> bool:
        snapshot = self._snapshot(agent)
        if snapshot is None:
            raise not_found(f"agent {agent!r}", "it was destroyed meanwhile")
        checked = None if snapshot.observed is None else snapshot.observed.checked
        if checked is not None and checked.sha == sha and checked.reason is not None:
            raise unavailable(checked.reason)
        return _is_held(snapshot) or snapshot.record.checked_sha == sha or (checked is not None and checked.sha == sha)

    def _snapshot(self, agent: str) -> AgentSnapshot | None:
        return next((one for one in agents.snapshots(self._directory) if one.record.name == agent), None)


def _is_held(snapshot: AgentSnapshot) -> bool:
    """Whether it cannot ask for mail: stopped (the next start brings the change), paused, or without its login."""
    record, observed = snapshot.record, snapshot.observed
    if record.desired is Desired.STOPPED or record.paused:
        return True
    return (
        observed is not None and observed.state is AgentState.RUNNING and observed.activity == HarnessState.NEEDS_LOGIN
    )
