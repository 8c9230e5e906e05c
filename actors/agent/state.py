"""The states of an agent's container and every step between them.

Pure. The same words are shown in the row, in the tree and on the page.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum

from harness.wire.constants import TRANSIENT_STATES


class AgentState(StrEnum):
    """Where an agent's container stands. The transient ones say that somebody is at work on it."""

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
    RESTING = "resting"
    STUCK = "stuck"


S = AgentState

TRANSITIONS: Mapping[AgentState, frozenset[AgentState]] = {
    S.SPAWNING: frozenset({S.STARTING, S.FAILED, S.DESTROYING}),
    S.STOPPED: frozenset({S.STARTING, S.RESTARTING, S.REBUILDING, S.DESTROYING, S.RESTING}),
    S.STARTING: frozenset({S.RUNNING, S.STOPPING, S.FAILED}),
    S.RUNNING: frozenset(
        {S.STOPPING, S.RESTARTING, S.REBUILDING, S.DESTROYING, S.FAILED, S.PARKED, S.RESTING, S.STUCK}
    ),
    S.STUCK: frozenset(
        {S.RUNNING, S.STOPPING, S.RESTARTING, S.REBUILDING, S.DESTROYING, S.FAILED, S.PARKED, S.RESTING}
    ),
    S.STOPPING: frozenset({S.STOPPED, S.DESTROYING, S.FAILED}),
    S.RESTARTING: frozenset({S.RUNNING, S.STOPPING, S.DESTROYING, S.FAILED}),
    S.REBUILDING: frozenset({S.RUNNING, S.STOPPING, S.STOPPED, S.DESTROYING, S.FAILED}),
    S.DESTROYING: frozenset({S.DESTROYED, S.FAILED}),
    S.DESTROYED: frozenset(),
    S.FAILED: frozenset({S.STOPPED, S.STARTING, S.RESTARTING, S.REBUILDING, S.DESTROYING, S.PARKED}),
    S.PARKED: frozenset({S.STOPPED, S.STARTING, S.RESTARTING, S.REBUILDING, S.DESTROYING}),
    S.RESTING: frozenset({S.STOPPED, S.STARTING, S.RESTARTING, S.REBUILDING, S.DESTROYING}),
}
"""From each state to the ones that may follow it. Staying is not a transition."""

TRANSIENT = frozenset(AgentState(word) for word in TRANSIENT_STATES)
"""Shown as work in progress; none of them may be left behind by an action that failed."""

RUNS = frozenset({S.RUNNING, S.STUCK})
"""Its container runs and nobody is at work on it. A stuck one has mail and shows no life."""

_ENDS_EXPECTED = frozenset({S.STOPPED, S.STOPPING, S.RESTARTING, S.REBUILDING, S.DESTROYING, S.DESTROYED})


class IllegalTransition(Exception):  # noqa: N818 — it names what was tried
    """A step the table does not know; always a mistake of the host, never of a user."""

    def __init__(self, old: AgentState, new: AgentState) -> None:
        super().__init__(f"a container can not go from {old.value} to {new.value}")
        self.old = old
        self.new = new


class End(StrEnum):
    """What the end of a container means."""

    EXPECTED = "expected"
    CRASH = "crash"


def advance(old: AgentState, new: AgentState) -> AgentState:
    """`new` if the table allows it after `old`, else IllegalTransition."""
    if new is not old and new not in TRANSITIONS[old]:
        raise IllegalTransition(old, new)
    return new


def classify_end(state: AgentState, exit_status: int | None) -> End:
    """Whether a container that ended in `state` was meant to.

    The exit status does not matter: a harness serves for ever, so an end nobody asked for is a crash even with
    status 0, and one that was asked for is none even with 137. It is taken so that a rule may come to need it.
    """
    del exit_status
    return End.EXPECTED if state in _ENDS_EXPECTED else End.CRASH


class Lifecycle:
    """The state of one container and since when (milliseconds UTC)."""

    def __init__(self, state: AgentState, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self.state = state
        self.since_ms = now_ms()

    def to(self, new: AgentState) -> None:
        """Take one step; raises IllegalTransition and stays where it was when there is no such step."""
        if advance(self.state, new) is not self.state:
            self.state = new
            self.since_ms = self._now_ms()

    def fail(self) -> None:
        """It could not be started, and perhaps nobody had got as far as trying."""
        if self.state is AgentState.STOPPED:
            self.to(AgentState.STARTING)
        self.to(AgentState.FAILED)

    def settle(self) -> None:
        """There is no container and none is wanted now."""
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
