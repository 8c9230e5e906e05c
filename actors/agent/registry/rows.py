"""Agents as the operator sees them: what the registry knows, with the broker's counts and the figures of the turns."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from actors.agent.container.state import RUNS, TRANSIENT, AgentState
from actors.agent.registry.helper_events import needs_login
from actors.agent.registry.why import with_why
from actors.agent.snapshot import AgentSnapshot, Desired, ObservedStatus
from actors.broker.api import BROKER, Counts
from actors.broker.failed.failure import Failure
from actors.broker.messages import GetCounts
from actors.scheduler.api import SCHEDULER
from actors.scheduler.messages import GetCounts as CountReminders
from actors.store.stored_table import Unreadable
from actors.supervision import Directory, SupervisionError
from actors.telemetry.api import TELEMETRY, Summary
from actors.telemetry.messages import GetSummaries
from harness.wire import names
from harness.wire.errors import HiveError
from harness.wire.live.opened import CONNECTED, PENDING
from harness.wire.operator_rows import AgentRow, Failing
from harness.wire.times import from_ms

log = logging.getLogger(__name__)

ASK_SECONDS = 2.0

NOT_KNOWN: Mapping[str, Any] = {}
"""The figures of an actor that did not answer; told from an empty answer by identity."""

FAILED = frozenset({AgentState.FAILED, AgentState.PARKED})


def merged(directory: Directory, agents: Sequence[AgentSnapshot]) -> list[AgentRow]:
    """One row per agent. Figures of an actor that does not answer are null, never zero."""
    counts = _figures(directory, BROKER, GetCounts())
    summaries = _figures(directory, TELEMETRY, GetSummaries())
    reminders = _figures(directory, SCHEDULER, CountReminders())
    return [
        row(agent, counts.get(name), summaries.get(name), None if reminders is NOT_KNOWN else reminders.get(name, 0))
        for agent in agents
        for name in (names.broker_name(agent.record.name),)
    ]


def row(
    agent: AgentSnapshot, counts: Counts | None, summary: Summary | None, pending_reminders: int | None = None
) -> AgentRow:
    """The row of one agent. Pure."""
    record, observed = agent.record, agent.observed
    state = observed.state if observed is not None else AgentState.STOPPED
    running, at_work = state in RUNS, state is AgentState.RUNNING
    shown = (observed.activity or state.value) if at_work and observed is not None else state.value
    draining = observed.draining if observed is not None else None
    since = observed.activity_since if at_work and observed is not None and observed.activity_since else None
    if record.parked is not None and state is AgentState.PARKED:
        since = from_ms(record.parked.at_ms)
    found = AgentRow(
        name=names.broker_name(record.name),
        container=record.name,
        role="manager" if record.role == "manager" else "agent",
        running=running,
        failed=state in FAILED and record.desired is Desired.RUNNING,
        needs_update=agent.stale is True,
        needs_login=_needs_login(agent),
        login=observed.login if observed else None,
        login_expires_at=_login_end(agent),
        login_shared=agent.token_ends_ms is not None,
        paused=record.paused,
        suspended=agent.suspended,
        state=shown,
        since=since or (from_ms(observed.since_ms) if observed is not None else None),
        transient=draining.work.value if draining else state.value if state in TRANSIENT else None,
        waits_until=None if draining is None else from_ms(draining.until_ms),
        deployed_sha=record.deployed_sha[:12] if record.deployed_sha else None,
        active_model=(observed.active_model if observed else None) or record.model,
        status_text=record.status_text,
        status_set_at=None if record.status_set_ms is None else from_ms(record.status_set_ms),
        pending=None if counts is None else counts.pending,
        leased=None if counts is None else counts.leased,
        failing=None if counts is None or counts.failing is None else _failing(counts.failing),
        dead_letters=None if counts is None else counts.dead,
        pending_reminders=pending_reminders,
        note=record.note or record.pause_reason or _trouble(observed),
        left_running=None if observed is None else observed.left_running,
        last_tool=None if observed is None else observed.last_tool,
        mcp_servers=None if observed is None or observed.servers is None else list(observed.servers),
        rate_limited_until=observed.rate_limited_until if observed else None,
        runtime=observed.runtime if observed else None,
        limits=dict(observed.limits) if observed else {},
        not_enforced=list(observed.not_enforced) if observed else [],
        disk_bytes=agent.disk_bytes,
        **_turn_figures(summary),
    )
    return with_why(found)


def error_row(row: Unreadable) -> AgentRow:
    """What stands for an agent whose row cannot be read."""
    return AgentRow(
        name=names.broker_name(row.key),
        container=row.key,
        role="manager" if row.key == names.MANAGER_CONTAINER else "agent",
        running=False,
        failed=True,
        state="unreadable",
        note=row.sentence,
    )


def _trouble(observed: ObservedStatus | None) -> str | None:
    """What was observed to be wrong with it, the gravest first."""
    if observed is None:
        return None
    if observed.note is None and observed.checked is not None and observed.checked.reason is not None:
        return f"its configuration does not work: {observed.checked.reason}"
    dead = [one for one in observed.servers or () if one.status not in {CONNECTED, PENDING}]
    return (
        observed.note or "; ".join(f"MCP server {one.name} is {one.status}: {one.error or '?'}" for one in dead) or None
    )


def _failing(failure: Failure) -> Failing:
    return Failing(attempts=failure.attempts, reason=failure.reason, since=from_ms(failure.since_ms))


def _login_end(agent: AgentSnapshot) -> str | None:
    if agent.token_ends_ms is not None:
        return from_ms(agent.token_ends_ms)
    return None if agent.observed is None else agent.observed.login_expires_at


def _needs_login(agent: AgentSnapshot) -> bool:
    """Whether the login is missing now; without a harness, whether it was missing last."""
    shown = None if agent.observed is None else needs_login(agent.observed.activity)
    return bool(agent.record.needs_login if shown is None else shown)


def _turn_figures(summary: Summary | None) -> dict[str, Any]:
    if summary is None:
        return {}
    return {
        "last_turn": summary.last_turn,
        "context_tokens": summary.context_tokens,
        "context_window": summary.context_window,
        "turns_today": summary.turns_today,
        "average_turn_ms": summary.average_turn_ms,
        "cost_today_usd": summary.cost_today_usd,
    }


def _figures(directory: Directory, actor: str, question: object) -> Mapping[str, Any]:
    try:
        figures: Mapping[str, Any] = directory.ask(actor, question, timeout=ASK_SECONDS)
    except (SupervisionError, HiveError) as error:
        log.warning("rows without figures actor=%s error=%s", actor, error)
        return NOT_KNOWN
    return figures
