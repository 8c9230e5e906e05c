"""What is being rebuilt, and what is told about it. Owned by the roster; no clock and no I/O."""

from collections.abc import Iterable, Sequence

from actors.agent.kicks import REBUILT
from actors.agent.standing import Record
from actors.broker.messages import Post
from harness.wire import names
from harness.wire.agent_api import MessageKind
from harness.wire.events import HelperEvent, NeedsUpdate, Rebuilt, RestartPlanned

HOST_START = "the host has started"


class Rebuilds:
    """The agents whose next start is the end of a rebuild, and why everybody starts who starts now."""

    def __init__(self) -> None:
        self._awaited: dict[str, bool] = {}
        """By name: whether somebody else tells the manager of it."""
        self.reason = HOST_START

    def __contains__(self, name: str) -> bool:
        return name in self._awaited

    def begin(self, names_: Iterable[str], reason: str, *, silent: bool = False) -> None:
        """These are being rebuilt. The latest reason counts for all that are still under way.

        `silent`: somebody else tells the manager of it. Where both are under way the manager is told here as well.
        """
        for name in names_:
            self._awaited[name] = silent and self._awaited.get(name, True)
        self.reason = self.reason if silent else reason

    def forget(self, name: str) -> None:
        """Nobody waits for it any more."""
        self._awaited.pop(name, None)

    def over(self, record: Record, *, failure: str | None = None) -> tuple[Post, ...]:
        """It is up, or will not be: what the manager and the agent are told of it. Empty when no rebuild has ended."""
        if record.name not in self._awaited:
            return ()
        silent = self._awaited.pop(record.name)
        told = [] if failure is not None else [_kick(record.name)]
        if record.name != names.MANAGER_CONTAINER and not silent:
            # Its own rebuild the manager knows from its kick.
            agent = names.broker_name(record.name)
            told.append(
                _event(Rebuilt(agent=agent, ok=failure is None, note=failure or self.reason, sha=record.deployed_sha))
            )
        return tuple(told)

    def planned(self, container_names: Sequence[str]) -> Post:
        """The one summary the manager gets before the others start."""
        agents = [names.broker_name(name) for name in container_names]
        return _event(RestartPlanned(agents=agents, reason=self.reason))


def needs_update(container_names: Iterable[str]) -> tuple[Post, ...]:
    """One event for each agent that runs an older revision and is left alone."""
    return tuple(_event(NeedsUpdate(agent=names.broker_name(name))) for name in container_names)


def _event(event: HelperEvent) -> Post:
    return Post(names.SYSTEM, names.MANAGER, event.model_dump_json(), MessageKind.EVENT)


def _kick(name: str) -> Post:
    return Post(names.SYSTEM, names.broker_name(name), REBUILT, MessageKind.KICK)
