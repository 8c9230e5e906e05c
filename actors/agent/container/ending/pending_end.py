"""An order that ends a container and may have to wait for the running turn. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from actors.agent.container.state import AgentState


class EndOrder(StrEnum):
    """What ends a container. Stored with the agent, so that the next daemon carries on."""

    STOP = "stop"
    RESTART = "restart"
    REBUILD = "rebuild"
    DEPLOY = "deploy"
    """The rebuild of an approved change: the approval tells of it."""
    ROLLOUT = "rollout"
    """The rebuild of many agents, the manager first: the registry carries it out."""
    DESTROY = "destroy"
    PURGE = "purge"
    """`destroy`, and its files are deleted."""
    REMOVE = "remove"
    """`destroy` of an agent whose approval is rolled back: the approval tells of it."""


STATE_OF: Mapping[EndOrder, AgentState] = {
    EndOrder.STOP: AgentState.STOPPING,
    EndOrder.RESTART: AgentState.RESTARTING,
    EndOrder.REBUILD: AgentState.REBUILDING,
    EndOrder.DEPLOY: AgentState.REBUILDING,
    EndOrder.ROLLOUT: AgentState.REBUILDING,
    EndOrder.DESTROY: AgentState.DESTROYING,
    EndOrder.PURGE: AgentState.DESTROYING,
    EndOrder.REMOVE: AgentState.DESTROYING,
}
"""The state of a container that ends by that order."""

FOR_GOOD = frozenset({EndOrder.DESTROY, EndOrder.PURGE, EndOrder.REMOVE})
"""The agent is forgotten afterwards: the order is carried out when its row is gone."""


@dataclass(frozen=True, slots=True)
class PendingEnd:
    """The order, and when it was given (milliseconds UTC)."""

    order: EndOrder
    since_ms: int

    def seconds_left(self, grace_seconds: float, now_ms: int) -> float:
        """How long the running turn may still take. A clock that jumps makes it neither negative nor longer."""
        return min(grace_seconds, max(0.0, grace_seconds - (now_ms - self.since_ms) / 1000))


class LeftOver(NamedTuple):
    """An order that is still to be carried out: the state that follows, and how long a turn may take until then."""

    work: AgentState
    seconds: float


def left_over(pending: PendingEnd | None, *, wanted: bool, grace_seconds: float, now_ms: int) -> LeftOver | None:
    """What the next daemon does about a container that it has adopted. `wanted`: the agent is to run."""
    seconds = grace_seconds if pending is None else pending.seconds_left(grace_seconds, now_ms)
    if not wanted:
        ends_for_good = pending is not None and pending.order in FOR_GOOD
        return LeftOver(AgentState.DESTROYING if ends_for_good else AgentState.STOPPING, seconds)
    if pending is None or pending.order in {EndOrder.STOP, EndOrder.ROLLOUT}:
        return None
    return LeftOver(STATE_OF[pending.order], seconds)


@dataclass(frozen=True, slots=True)
class Draining:
    """A container that ends when its running turn is over, or at the deadline; no new turn begins."""

    work: AgentState
    """The state that follows: stopping, restarting, rebuilding or destroying."""
    until_ms: int

    @property
    def words(self) -> str:
        """The state in words, for the tree."""
        return f"{self.work.value}, waits for its turn"
