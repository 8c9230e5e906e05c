"""`/stats`: the charts of a window of time, each with its figures in words."""

import json
from collections.abc import Mapping
from typing import Any

from harness.wire import names
from harness.wire.errors import HiveError, bad_request
from web import layout
from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.http.response import HttpResponse
from web.presentation import charts, titles
from web.sections.section import Section, refresh, render

HOUR_MS = 3_600_000


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
    """The charts of the window `hours`, for `agent` or for every agent."""
    hours = request.query.get("hours", "1")
    if hours not in charts.WINDOWS:
        raise bad_request(
            f"there is no window of {hours[:10]!r} hours", f"the windows are: {', '.join(charts.WINDOWS)}"
        )
    agent = request.query.get("agent") or None
    since_ms = request.now_ms - int(hours) * HOUR_MS
    series = app.rows.series(since_ms, agent and names.broker_name(agent))
    found = charts.statistics(series, since_ms, request.now_ms)
    return {
        "charts": [(chart, json.dumps(chart.data())) for chart in found.charts],
        "tools": found.tools,
        "windows": charts.WINDOWS,
        "hours": hours,
        "agent": agent,
        "agents": _agents(app),
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
        styles=("vendor/uPlot.min.css", "stats.css"),
        scripts=("vendor/uPlot.iife.min.js",),
        body=render(app, SECTION, request),
    )


def section(app: WebApp, request: HttpRequest) -> HttpResponse:
    """`/section/stats`: the charts alone, for an open page."""
    return refresh(app, SECTION, request)


def _agents(app: WebApp) -> list[str]:
    try:
        return [names.container_name(row.name) for row in app.rows.agents().value if row.role != "peer"]
    except HiveError:
        return []
