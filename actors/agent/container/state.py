"""The states of an agent's container and every step between them.

Pure. The same words are shown in the row, in the tree and on the page.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum

from harness.wire.constants import TRANSIENT_STATES


class AgentState(StrEnum):
    """Where an agent's container stands. A transient state says that an actor is at work on it.

    `parked`: given up, waits for a person. `rate_limited`: no container until the usage limit is over.
    """

    STOPPED = "stopped"
    SPAWNING = "spawning"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    RESTARTING = "restarting"
    REBUILDING = "rebuilding"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"
    FAILED = "failed"
    PARKED = "parked"
    RATE_LIMITED = "rate_limited"
    STUCK = "stuck"


S = AgentState

TRANSITIONS: Mapping[AgentState, frozenset[AgentState]] = {
    S.SPAWNING: frozenset({S.STARTING, S.FAILED, S.DESTROYING}),
    S.STOPPED: frozenset({S.STARTING, S.RESTARTING, S.REBUILDING, S.DESTROYING, S.RATE_LIMITED}),
    S.STARTING: frozenset({S.RUNNING, S.STOPPING, S.FAILED}),
    S.RUNNING: frozenset(
        {S.STOPPING, S.RESTARTING, S.REBUILDING, S.DESTROYING, S.FAILED, S.PARKED, S.RATE_LIMITED, S.STUCK}
    ),
    S.STUCK: frozenset(
        {S.RUNNING, S.STOPPING, S.RESTARTING, S.REBUILDING, S.DESTROYING, S.FAILED, S.PARKED, S.RATE_LIMITED}
    ),
    S.STOPPING: frozenset({S.STOPPED, S.DESTROYING, S.FAILED}),
    S.RESTARTING: frozenset({S.RUNNING, S.STOPPING, S.DESTROYING, S.FAILED}),
    S.REBUILDING: frozenset({S.RUNNING, S.STOPPING, S.STOPPED, S.DESTROYING, S.FAILED}),
    S.DESTROYING: frozenset({S.DESTROYED, S.FAILED}),
    S.DESTROYED: frozenset(),
    S.FAILED: frozenset({S.STOPPED, S.STARTING, S.RESTARTING, S.REBUILDING, S.DESTROYING, S.PARKED}),
    S.PARKED: frozenset({S.STOPPED, S.STARTING, S.RESTARTING, S.REBUILDING, S.DESTROYING}),
    S.RATE_LIMITED: frozenset({S.STOPPED, S.STARTING, S.RESTARTING, S.REBUILDING, S.DESTROYING}),
}
"""From each state to the ones that may follow it. A state that stays is no transition."""

TRANSIENT = frozenset(AgentState(word) for word in TRANSIENT_STATES)
"""Shown as work in progress; none of them may be left behind by an action that failed."""

RUNS = frozenset({S.RUNNING, S.STUCK})
"""The container runs and no actor is at work on it. A stuck agent has mail and shows no sign of life."""

_ENDS_EXPECTED = frozenset({S.STOPPED, S.STOPPING, S.RESTARTING, S.REBUILDING, S.DESTROYING, S.DESTROYED})


class IllegalTransition(Exception):  # noqa: N818 — it names what was tried
    """A step the table does not know; always a mistake of the daemon, never of a user."""

    def __init__(self, old: AgentState, new: AgentState) -> None:
        super().__init__(f"a container cannot go from {old.value} to {new.value}")
        self.old = old
        self.new = new


def advance(old: AgentState, new: AgentState) -> AgentState:
    """`new` if the table allows it after `old`, else IllegalTransition."""
    if new is not old and new not in TRANSITIONS[old]:
        raise IllegalTransition(old, new)
    return new


def is_end_expected(state: AgentState) -> bool:
    """Whether a container that ends in `state` was meant to end.

    The exit status does not matter: a harness serves for ever, so an end without an order is a crash even with
    status 0, and an ordered end is none even with 137.
    """
    return state in _ENDS_EXPECTED


class Lifecycle:
    """The state of one container and since when (milliseconds UTC)."""

    def __init__(self, state: AgentState, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self.state = state
        self.since_ms = now_ms()

    def to(self, new: AgentState) -> None:
        """Take one step; raises IllegalTransition and changes nothing when there is no such step."""
        if advance(self.state, new) is not self.state:
            self.state = new
            self.since_ms = self._now_ms()

    def fail(self) -> None:
        """Note a failed start, also when it failed before the state was `starting`."""
        if self.state is AgentState.STOPPED:
            self.to(AgentState.STARTING)
        self.to(AgentState.FAILED)

    def settle(self) -> None:
        """Note that there is no container and that none is wanted now."""
        match self.state:
            case AgentState.DESTROYING | AgentState.DESTROYED:
                self.to(AgentState.DESTROYED)
            case AgentState.RESTARTING:
                self.to(AgentState.STOPPING)
                self.to(AgentState.STOPPED)
            case _:
                self.to(AgentState.STOPPED)

    @contextmanager
    def during(self, work: AgentState) -> Iterator[None]:
        """Be in the transient state `work` for the block; if that raises while still in it, the state is `failed`."""
        self.to(work)
        try:
            yield
        except BaseException:
            # BaseException: a greenlet killed at a deadline must not leave "starting" on the screen either.
            if self.state in TRANSIENT:
                self.to(AgentState.FAILED)
            raise
