"""What is being rebuilt, and what is told about it. Owned by the registry; no clock and no I/O."""

from collections.abc import Iterable, Sequence

from actors.agent.container.wakeup import REBUILT, wakeup
from actors.agent.snapshot import AgentRecord
from actors.broker.manager_events import to_manager
from actors.broker.messages import Post
from harness.wire import names
from harness.wire.events import NeedsUpdate, Rebuilt, RestartPlanned

DAEMON_START = "the host has started"
ASKED_FOR = "it was asked for"


class Rebuilds:
    """The agents whose next start is the end of a rebuild, and the reason of the latest rollout."""

    def __init__(self) -> None:
        self._silent: dict[str, bool] = {}
        """By name: whether the manager is told by the component that asked for the rebuild."""
        self.reason = DAEMON_START

    def __contains__(self, name: str) -> bool:
        return name in self._silent

    def begin(self, names_: Iterable[str], reason: str, *, silent: bool = False) -> None:
        """Note that these are being rebuilt. The latest reason counts for all that are still under way.

        `silent`: the component that asked tells the manager. Of two rebuilds under way one of which is not silent, the
        manager is told here.
        """
        for name in names_:
            self._silent[name] = silent and self._silent.get(name, True)
        self.reason = self.reason if silent else reason

    def forget(self, name: str) -> None:
        """Drop the rebuild of this agent; nothing is told of it."""
        self._silent.pop(name, None)

    def over(self, record: AgentRecord, *, failure: str | None = None) -> tuple[Post, ...]:
        """The posts to the agent and the manager when it is up, or will not be. Empty when no rebuild has ended."""
        if record.name not in self._silent:
            return ()
        silent = self._silent.pop(record.name)
        posts = [] if failure is not None else [wakeup(record.name, REBUILT)]
        if record.name != names.MANAGER_CONTAINER and not silent:
            # The manager knows its own rebuild from its wakeup.
            agent = names.broker_name(record.name)
            posts.append(
                to_manager(
                    Rebuilt(agent=agent, ok=failure is None, note=failure or self.reason, sha=record.deployed_sha)
                )
            )
        return tuple(posts)

    def planned(self, container_names: Sequence[str]) -> Post:
        """The one summary the manager gets before the others start."""
        agents = [names.broker_name(name) for name in container_names]
        return to_manager(RestartPlanned(agents=agents, reason=self.reason))


def needs_update(container_names: Iterable[str]) -> tuple[Post, ...]:
    """One event for each agent that runs an older revision and is left alone."""
    return tuple(to_manager(NeedsUpdate(agent=names.broker_name(name))) for name in container_names)
