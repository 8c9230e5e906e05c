"""What the hive promises of its agents, and whether it holds, from what their actors say. Pure.

Each function returns the sentences that speak against one promise; none means that it is held.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from actors.agent.container.state import RUNS, TRANSIENT, AgentState
from actors.agent.registry.reconcile import is_off
from actors.agent.snapshot import AgentSnapshot, Desired
from actors.broker.api import Counts
from actors.supervision import ChildState
from harness.wire import names
from harness.wire.constants import LOGIN_SOON_DAYS, TOKEN_SOON_DAYS
from harness.wire.events import HarnessState
from harness.wire.times import from_ms, to_ms

DOWN_FOR_A_REASON = frozenset({AgentState.FAILED, AgentState.PARKED})
"""The states in which an agent that is wanted may stay without its actors."""

DAY_MS = 24 * 3600 * 1000

LONG_MS = 300_000
"""No action on an agent lasts so long: the actor that carries it out hangs."""

WAKE_MS = 2_000
"""How long an idle agent may have mail before its wake counts as lost."""


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent, from the registry and from the broker."""

    snapshot: AgentSnapshot
    counts: Counts | None

    @property
    def name(self) -> str:
        return names.broker_name(self.snapshot.record.name)

    @property
    def state(self) -> AgentState:
        return self.snapshot.observed.state if self.snapshot.observed is not None else AgentState.STOPPED

    @property
    def running(self) -> bool:
        return self.state in RUNS


def lost_wakes(agents: Iterable[Agent], now_ms: int, running_ms: int) -> list[str]:
    """Unacknowledged mail, and an agent that has done nothing for two seconds: no wake is in flight."""
    return [
        f"{agent.name} is idle with mail from {_ago(agent, now_ms)} ago"
        for agent in agents
        if _lost(agent, now_ms, running_ms)
    ]


def _lost(agent: Agent, now_ms: int, running_ms: int) -> bool:
    counts = agent.counts
    if counts is None or counts.waits_since is None or running_ms - counts.waits_since < WAKE_MS:
        return False
    if counts.polling and counts.pending:
        return True  # the harness waits for mail, there is mail, and they do not meet
    observed = agent.snapshot.observed
    if not agent.running or observed is None or observed.activity != HarnessState.IDLE:
        return False
    if agent.snapshot.record.paused or agent.snapshot.suspended:
        return False  # it is handed nothing
    if observed.rate_limited_until is not None and to_ms(observed.rate_limited_until) > now_ms:
        return False  # its harness has reported when it takes mail again
    since_ms = to_ms(observed.activity_since) if observed.activity_since is not None else observed.since_ms
    if not counts.pending and counts.leased_at is not None and counts.leased_at >= since_ms:
        return False  # the wake has arrived: all mail is leased, and the last report is older than that
    has_asked = counts.last_asked_at is not None and running_ms - counts.last_asked_at < WAKE_MS
    return now_ms - since_ms >= WAKE_MS and not has_asked


def _ago(agent: Agent, now_ms: int) -> str:
    oldest = agent.counts.oldest_unacked_at if agent.counts is not None else None
    return f"{(now_ms - (oldest or now_ms)) / 1000:.1f} s"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def failing(agents: Iterable[Agent]) -> list[str]:
    """Agents whose turns fail: they run, and nothing gets done."""
    return [
        f"{agent.name} failed {_times(one.attempts)} on a message: {one.reason.partition(chr(10))[0][:200]}"
        for agent in agents
        if agent.counts is not None and (one := agent.counts.failing) is not None
    ]


def logins(agents: Iterable[Agent], now_ms: int) -> list[str]:
    """Agents that lack their login, and logins whose end is near: afterwards every turn fails."""
    wanted = [agent for agent in agents if agent.snapshot.record.desired is Desired.RUNNING]
    lacking = [agent.name for agent in wanted if agent.state is not AgentState.STOPPED and _lacks_login(agent)]
    found = [f"{name} is not logged in: `hive login {name}`, or `hive login --all`" for name in lacking]
    for agent in wanted:
        observed, token_ms = agent.snapshot.observed, agent.snapshot.token_ends_ms
        if agent.name in lacking or observed is None:
            continue
        if token_ms is not None:
            if token_ms - now_ms < TOKEN_SOON_DAYS * DAY_MS and agent.name == names.MANAGER:
                found.append(f"{agent.name} and all others lose their login at {from_ms(token_ms)}: `hive login --all`")
        elif observed.login_expires_at and to_ms(observed.login_expires_at) - now_ms < LOGIN_SOON_DAYS * DAY_MS:
            found.append(f"{agent.name} loses its login at {observed.login_expires_at}: `hive login {agent.name}`")
    return found


def _lacks_login(agent: Agent) -> bool:
    """As its harness says now; without one, as it was last."""
    activity = agent.snapshot.observed.activity if agent.snapshot.observed is not None else None
    if agent.running and activity is not None:
        return activity == HarnessState.NEEDS_LOGIN
    return bool(agent.snapshot.record.needs_login)


def dead_letters(agents: Iterable[Agent]) -> list[str]:
    """Messages that were set aside and wait for the operator."""
    return [
        f"{agent.name} has {agent.counts.dead} dead letters; `hive dead list` shows them"
        for agent in agents
        if agent.counts is not None and agent.counts.dead
    ]


def orphaned_leases(agents: Iterable[Agent]) -> list[str]:
    """Messages that are leased to an agent whose container does not run: no harness acknowledges them."""
    return [
        f"{agent.name} is {agent.state.value} and has {agent.counts.leased} messages leased"
        for agent in agents
        if agent.counts is not None and agent.counts.leased and not agent.running and agent.state not in TRANSIENT
    ]


def neglected(agents: Iterable[Agent], children: Mapping[str, ChildState], now_ms: int) -> list[str]:
    """Agents that are not as they are desired, with no actor at work on them and no reason in their row.

    `children` is what the supervisor of all agents has of each, by container: up, about to be started, or down.
    """
    found = [(agent, _neglect(agent, children.get(agent.snapshot.record.name), now_ms)) for agent in agents]
    return [f"{agent.name} is {agent.state.value}{how}" for agent, how in found if how is not None]


def _neglect(agent: Agent, child: ChildState | None, now_ms: int) -> str | None:
    snapshot = agent.snapshot
    wanted = snapshot.record.desired is Desired.RUNNING
    if snapshot.due or child is ChildState.RESTARTING:
        return None
    if child is ChildState.UP:
        if agent.state in TRANSIENT and snapshot.observed is not None and now_ms - snapshot.observed.since_ms > LONG_MS:
            return f" for {(now_ms - snapshot.observed.since_ms) // 1000} s and does not get on"
        if not is_off(snapshot.record, snapshot.observed):
            return None
        return " and wanted, and no actor starts it" if wanted else " and not wanted, and no actor ends it"
    transient = snapshot.observed is not None and snapshot.observed.transient
    if not wanted or (agent.state in DOWN_FOR_A_REASON and _reason(snapshot) and not transient):
        return None
    return " and wanted, has no actors, and no supervisor is about to start them"


def excused(agents: Iterable[Agent]) -> list[str]:
    """Agents that are wanted, do not run, and why."""
    return [
        f"{agent.name}: {_reason(agent.snapshot)}"
        for agent in agents
        if agent.snapshot.record.desired is Desired.RUNNING and not agent.running and _reason(agent.snapshot)
    ]


def _reason(snapshot: AgentSnapshot) -> str | None:
    return snapshot.record.note or (snapshot.observed.note if snapshot.observed is not None else None)
