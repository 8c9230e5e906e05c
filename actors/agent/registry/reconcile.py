"""What is to be done about one agent, from what is desired, what was observed and what its supervisor has. Pure."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import NamedTuple

from actors.agent.container.rate_limit import lasts
from actors.agent.container.state import RUNS, AgentState
from actors.agent.snapshot import AgentRecord, Desired, ObservedStatus
from actors.supervision import ChildState


class Action(StrEnum):
    """The closed set of what can be done."""

    LEAVE = "leave"
    """Its supervisor is at work on it, or it is down for a reason that another try does not mend."""
    WATCH = "watch"
    """Its actors are up: monitor them, and have them report their status."""
    RUN = "run"
    """Watch, and have its container started: it is desired, and its actor does nothing about it."""
    HALT = "halt"
    """Watch, and have its container ended: it is not desired."""
    SHOW_PARKED = "show_parked"
    """It was given up by an earlier registry: show it so."""
    BRING_UP = "bring_up"
    """Start its actors; where its container runs they adopt it."""


def plan(
    desired: AgentRecord, observed: ObservedStatus | None, child: ChildState | None, *, container_runs: bool = False
) -> Action:
    """The next action for one agent.

    `child` is what the supervisor of all agents has of it; None: nothing. `container_runs`: the runtime finds its
    container.
    """
    if child is ChildState.RESTARTING:
        return Action.LEAVE
    wanted = desired.desired is Desired.RUNNING
    if child is ChildState.UP:
        if not is_off(desired, observed):
            return Action.WATCH
        return Action.RUN if wanted else Action.HALT
    if not wanted:
        return Action.BRING_UP if container_runs or observed is None else Action.LEAVE
    if child is ChildState.DOWN and desired.parked is not None:
        return Action.SHOW_PARKED
    return Action.LEAVE if observed is not None and observed.unrecoverable else Action.BRING_UP


def is_off(desired: AgentRecord, observed: ObservedStatus | None) -> bool:
    """Whether an agent whose actors are up is not as it is desired, with nothing at work on it."""
    if observed is None:
        return False
    if desired.desired is Desired.STOPPED:
        return observed.state in RUNS and observed.draining is None
    return observed.state is AgentState.STOPPED or (observed.state is AgentState.FAILED and observed.transient)


def clears_failure(desired: AgentRecord, observed: ObservedStatus) -> bool:
    """Whether the row tells of a failure that a running container has put an end to."""
    return observed.state in RUNS and desired.note is not None


class BootOrder(NamedTuple):
    """Who is brought up at once when the daemon starts. Container names, each list in the order of the table."""

    at_once: list[str]
    """No container is started for these: it runs and is adopted, or it is not desired, or a limit lasts."""
    leader_first: list[str]
    """The containers of these are started, the manager first."""


def boot_order(records: Iterable[AgentRecord], running: Collection[str], now_ms: int) -> BootOrder:
    """`running` are the agents whose containers outlived the last daemon."""
    order = BootOrder([], [])
    for record in records:
        limited = lasts(record.rate_limited_until_ms, now_ms=now_ms)
        starts = record.desired is Desired.RUNNING and record.name not in running and not limited
        (order.leader_first if starts else order.at_once).append(record.name)
    return order
