"""What the hive promises of its agents, and whether it holds, from what their rooms say. Pure.

Each function returns the sentences that speak against one promise; none means that it is held.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from actors.agent.standing import Desired, Standing
from actors.agent.state import RUNS, TRANSIENT, AgentState
from actors.agent.tending import is_off
from actors.broker.api import Counts
from actors.supervision import ChildState
from harness.wire import names
from harness.wire.events import HarnessState
from harness.wire.times import to_ms

DOWN_FOR_A_REASON = frozenset({AgentState.FAILED, AgentState.PARKED})
"""The states in which an agent that is wanted may stay without its actors."""

LONG_MS = 300_000
"""Nobody is at work on an agent for so long: who should be hangs."""

WAKE_MS = 2_000
"""How long an idle agent may have mail before somebody must have lost its wake."""


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent, from the roster and from the broker."""

    standing: Standing
    counts: Counts | None

    @property
    def name(self) -> str:
        return names.broker_name(self.standing.record.name)

    @property
    def state(self) -> AgentState:
        return self.standing.seen.state if self.standing.seen is not None else AgentState.STOPPED

    @property
    def running(self) -> bool:
        return self.state in RUNS


def lost_wakes(agents: Iterable[Agent], now_ms: int) -> list[str]:
    """Unacknowledged mail, and an agent that has done nothing for two seconds: no wake is in flight."""
    return [
        f"{agent.name} is idle with mail from {_ago(agent, now_ms)} ago" for agent in agents if _lost(agent, now_ms)
    ]


def _lost(agent: Agent, now_ms: int) -> bool:
    counts = agent.counts
    if counts is None or counts.oldest_unacked_at is None or now_ms - counts.oldest_unacked_at < WAKE_MS:
        return False
    if counts.polling and counts.pending:
        return True  # it waits for mail, there is mail, and they do not meet
    seen = agent.standing.seen
    if not agent.running or seen is None or seen.activity != HarnessState.IDLE or agent.standing.record.paused:
        return False
    if seen.rate_limited_until is not None and to_ms(seen.rate_limited_until) > now_ms:
        return False  # it has told when it takes its mail again
    since_ms = to_ms(seen.activity_since) if seen.activity_since is not None else seen.since_ms
    if not counts.pending and counts.leased_at is not None and counts.leased_at >= since_ms:
        return False  # the wake has arrived: all of it is in its hands, and what it has said last is from before
    return now_ms - max(since_ms, counts.last_asked_at or 0) >= WAKE_MS


def _ago(agent: Agent, now_ms: int) -> str:
    oldest = agent.counts.oldest_unacked_at if agent.counts is not None else None
    return f"{(now_ms - (oldest or now_ms)) / 1000:.1f} s"


def orphaned_leases(agents: Iterable[Agent]) -> list[str]:
    """Messages that are leased to an agent whose container does not run: nobody will acknowledge them."""
    return [
        f"{agent.name} is {agent.state.value} and has {agent.counts.leased} messages leased"
        for agent in agents
        if agent.counts is not None and agent.counts.leased and not agent.running and agent.state not in TRANSIENT
    ]


def neglected(agents: Iterable[Agent], floor: Mapping[str, ChildState], now_ms: int) -> list[str]:
    """Agents that are not as they are wanted, with nobody at work on it and no reason in their row.

    `floor` is what the supervisor of all agents has of each, by container: up, about to be started, or down.
    """
    found = [(agent, _neglect(agent, floor.get(agent.standing.record.name), now_ms)) for agent in agents]
    return [f"{agent.name} is {agent.state.value}{how}" for agent, how in found if how is not None]


def _neglect(agent: Agent, child: ChildState | None, now_ms: int) -> str | None:
    standing = agent.standing
    wanted = standing.record.desired is Desired.RUNNING
    if standing.due or child is ChildState.RESTARTING:
        return None
    if child is ChildState.UP:
        if agent.state in TRANSIENT and standing.seen is not None and now_ms - standing.seen.since_ms > LONG_MS:
            return f" for {(now_ms - standing.seen.since_ms) // 1000} s and does not get on"
        if not is_off(standing.record, standing.seen):
            return None
        return " and wanted, and nobody starts it" if wanted else " and not wanted, and nobody ends it"
    passing = standing.seen is not None and standing.seen.passing
    if not wanted or (agent.state in DOWN_FOR_A_REASON and _reason(standing) and not passing):
        return None
    return " and wanted, has no actors, and nobody is about to start them"


def excused(agents: Iterable[Agent]) -> list[str]:
    """Agents that are wanted, do not run, and why."""
    return [
        f"{agent.name}: {_reason(agent.standing)}"
        for agent in agents
        if agent.standing.record.desired is Desired.RUNNING and not agent.running and _reason(agent.standing)
    ]


def _reason(standing: Standing) -> str | None:
    return standing.record.note or (standing.seen.note if standing.seen is not None else None)
