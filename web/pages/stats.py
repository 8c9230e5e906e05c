"""`/stats`: the charts of a window of time, each with its figures in words."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from harness.wire import names, times
from harness.wire.errors import HiveError, bad_request
from harness.wire.limits import COST_DAYS
from harness.wire.operator_rows import AgentRow, ApprovalRow
from web import layout
from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.http.response import HttpResponse
from web.presentation import titles
from web.presentation.charts import costs
from web.presentation.charts.statistics import WINDOWS, statistics
from web.presentation.decision_state import is_pending
from web.sections.section import Section, refresh, render

HOUR_MS = 3_600_000
T = TypeVar("T")


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
    """The charts of the window `hours`, for `agent` or for every agent."""
    hours = request.query.get("hours", "1")
    if hours not in WINDOWS:
        raise bad_request(f"there is no window of {hours[:10]!r} hours", f"the windows are: {', '.join(WINDOWS)}")
    agent = request.query.get("agent") or None
    since_ms = request.now_ms - int(hours) * HOUR_MS
    reply = app.rows.series(since_ms, agent and names.broker_name(agent))
    rows, failed = _optional(lambda: app.rows.agents().value)
    approvals, _ = _optional(lambda: app.rows.approvals().value)
    needs, _ = _optional(lambda: app.rows.needs().value)
    found = statistics(
        reply.series,
        since_ms,
        request.now_ms,
        last_turns=_last_turns(rows or [], agent),
        pending=None if approvals is None or agent else sum(is_pending(row) for row in approvals),
        resolved=[] if agent else _resolved(approvals or []),
    )
    costs_chart = costs.chart(reply.costs, request.now_ms, COST_DAYS)
    drawn = [*found.charts, *([] if costs_chart.empty else [costs_chart])]
    return {
        "charts": [(chart, json.dumps(chart.data())) for chart in drawn],
        "tools": found.tools,
        "windows": WINDOWS,
        "hours": hours,
        "agent": agent,
        "agents": [names.container_name(row.name) for row in rows or [] if row.role != "peer"],
        "failed": failed,
        "latency": needs and needs.latency,
    }


SECTION = Section("stats", titles.STATS, "sections/stats", (topics.TURNS,), fetch, query_keys=("hours", "agent"))


def show(app: WebApp, request: HttpRequest) -> HttpResponse:
    """The page."""
    return layout.page(
        app,
        request,
        "pages/single",
        title="stats · hive",
        heading="stats",
        styles=("vendor/uPlot.min.css", "css/pages/stats.css"),
        scripts=("vendor/uPlot.iife.min.js",),
        body=render(app, SECTION, request),
    )


def section(app: WebApp, request: HttpRequest) -> HttpResponse:
    """`/section/stats`: the charts alone, for an open page."""
    return refresh(app, SECTION, request)


def _optional(read: Callable[[], T]) -> tuple[T | None, HiveError | None]:
    """What is read, or why it cannot be: the charts do not need all of it."""
    try:
        return read(), None
    except HiveError as error:
        return None, error


def _last_turns(rows: list[AgentRow], agent: str | None) -> dict[str, int]:
    """When the last turn of each agent that runs ended, or of the one that is asked for; ms UTC."""
    wanted = agent and names.broker_name(agent)
    found = {}
    for row in rows:
        name = names.broker_name(row.name)
        ended = (row.last_turn or {}).get("ended_at")
        if ended and (name == wanted if wanted else row.running):
            found[name] = times.to_ms(str(ended))
    return found


def _resolved(rows: list[ApprovalRow]) -> list[tuple[float, float]]:
    """When each approval had its outcome, and how long that took; ms."""
    pairs = [(times.to_ms(row.requested_at), times.to_ms(row.resolved_at)) for row in rows if row.resolved_at]
    return sorted((float(end), float(max(0, end - start))) for start, end in pairs)
