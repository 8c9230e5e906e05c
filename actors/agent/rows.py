"""Agents as the operator sees them: what the roster knows, with the broker's counts and the figures of the turns."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from actors.agent.helper_events import needs_login
from actors.agent.standing import Desired, Standing
from actors.agent.state import RUNS, TRANSIENT, AgentState
from actors.broker.api import BROKER, Counts
from actors.broker.messages import GetCounts
from actors.scheduler.api import SCHEDULER
from actors.scheduler.messages import GetCounts as CountReminders
from actors.supervision import Directory, SupervisionError
from actors.telemetry.api import TELEMETRY, Summary
from actors.telemetry.messages import GetSummaries
from harness.wire import names
from harness.wire.errors import HiveError
from harness.wire.events import HarnessState
from harness.wire.operator_rows import AgentRow
from harness.wire.times import from_ms

log = logging.getLogger(__name__)

ASK_SECONDS = 2.0

NOT_KNOWN: Mapping[str, Any] = {}
"""The figures of a room that did not answer; told from an empty answer by identity."""

FAILED = frozenset({AgentState.FAILED, AgentState.PARKED})
SHOWN_AS = {AgentState.RESTING: HarnessState.RATE_LIMITED.value}
"""A rate limit is one thing to the operator, whether it is waited for with a container or without."""


def merged(directory: Directory, standings: Sequence[Standing]) -> list[AgentRow]:
    """One row per agent. Figures of a room that does not answer are null, never zero."""
    counts = _figures(directory, BROKER, GetCounts())
    summaries = _figures(directory, TELEMETRY, GetSummaries())
    reminders = _figures(directory, SCHEDULER, CountReminders())
    return [
        row(standing, counts.get(name), summaries.get(name), None if reminders is NOT_KNOWN else reminders.get(name, 0))
        for standing in standings
        for name in (names.broker_name(standing.record.name),)
    ]


def row(
    standing: Standing, counts: Counts | None, summary: Summary | None, pending_reminders: int | None = None
) -> AgentRow:
    """The row of one agent. Pure."""
    record, seen = standing.record, standing.seen
    state = seen.state if seen is not None else AgentState.STOPPED
    running, at_work = state in RUNS, state is AgentState.RUNNING
    shown = (seen.activity or state.value) if at_work and seen is not None else SHOWN_AS.get(state, state.value)
    since = seen.activity_since if at_work and seen is not None and seen.activity_since else None
    return AgentRow(
        name=names.broker_name(record.name),
        container=record.name,
        role="manager" if record.role == "manager" else "agent",
        running=running,
        failed=state in FAILED and record.desired is Desired.RUNNING,
        needs_update=standing.stale,
        needs_login=_needs_login(standing),
        paused=record.paused,
        state=shown,
        since=since or (from_ms(seen.since_ms) if seen is not None else None),
        transient=state.value if state in TRANSIENT else None,
        deployed_sha=record.deployed_sha[:12] if record.deployed_sha else None,
        active_model=(seen.active_model if seen else None) or record.model,
        status_text=record.status_text,
        status_set_at=None if record.status_set_ms is None else from_ms(record.status_set_ms),
        pending=None if counts is None else counts.pending,
        leased=None if counts is None else counts.leased,
        pending_reminders=pending_reminders,
        note=record.note or (seen.note if seen else None),
        rate_limited_until=seen.rate_limited_until if seen else None,
        runtime=seen.runtime if seen else None,
        **_turn_figures(summary),
    )


def _needs_login(standing: Standing) -> bool | None:
    """What its harness shows now, else what it showed last."""
    shown = None if standing.seen is None else needs_login(standing.seen.activity)
    return standing.record.needs_login if shown is None else shown


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


def _figures(directory: Directory, room: str, question: object) -> Mapping[str, Any]:
    try:
        figures: Mapping[str, Any] = directory.ask(room, question, timeout=ASK_SECONDS)
    except (SupervisionError, HiveError) as error:
        log.warning("rows without figures room=%s error=%s", room, error)
        return NOT_KNOWN
    return figures
