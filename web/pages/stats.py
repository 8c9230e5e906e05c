"""`/stats`: how the hive works, over a window of time: charts, and the same in words for those who read."""

import json
from collections.abc import Mapping
from typing import Any

from harness.wire import names, times
from harness.wire.errors import HiveError, bad_request
from web import charts, topics, words
from web import section as sections_
from web.pages import layout
from web.section import Section
from web.services import Services
from web.visit import Answer, Visit, as_json

HOUR_MS = 3_600_000


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """The charts of the window `hours`, of `agent` or of everybody."""
    hours = visit.query.get("hours", "1")
    if hours not in charts.WINDOWS:
        raise bad_request(f"there is no window of {hours[:10]!r} hours", f"there are: {', '.join(charts.WINDOWS)}")
    agent = visit.query.get("agent") or None
    since_ms = visit.now_ms - int(hours) * HOUR_MS
    found = charts.figures(services.reads.series(since_ms, agent and names.broker_name(agent)), since_ms, visit.now_ms)
    return {
        "charts": [(one, json.dumps(one.data())) for one in found.charts],
        "used": found.tools,
        "windows": charts.WINDOWS,
        "hours": hours,
        "agent": agent,
        "agents": _agents(services),
    }


SECTION = Section("stats", words.STATS, "stats", (topics.TURNS,), fetch, keeps=("hours", "agent"))


def show(services: Services, visit: Visit) -> Answer:
    """The page."""
    body = sections_.render(services, SECTION, visit)
    return layout.page(
        services,
        visit,
        "alone",
        title="stats · hive",
        styles=("vendor/uPlot.min.css", "stats.css"),
        scripts=("vendor/uPlot.iife.min.js",),
        body=body,
    )


def afresh(services: Services, visit: Visit) -> Answer:
    """`/section/stats`: the charts afresh."""
    return sections_.answer(services, SECTION, visit)


def series(services: Services, visit: Visit) -> Answer:
    """`/api/stats?since=&agent=`: the points as they are kept; the last day without `since`."""
    since = visit.query.get("since")
    try:
        since_ms = visit.now_ms - 24 * HOUR_MS if since is None else times.to_ms(since)
    except ValueError:
        raise bad_request(f"since is a moment, not {str(since)[:40]!r}", "since=2026-01-31T12:00:00.000Z") from None
    return as_json({"series": services.reads.series(since_ms, visit.query.get("agent") or None)})


def _agents(services: Services) -> list[str]:
    try:
        return [names.container_name(row.name) for row in services.reads.agents().value if row.role != "peer"]
    except HiveError:
        return []
