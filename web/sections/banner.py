"""The line at the top: the host, the uptime, the agents, the cost of today, and how many items need the operator."""

import contextlib
from collections.abc import Mapping
from typing import Any

from harness.wire.errors import HiveError
from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.presentation.titles import Title
from web.sections.action_list import read_action_list
from web.sections.section import Section


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:  # noqa: ARG001
    """Figures of the hive. An unreadable one is left out: the sections below show the error."""
    agents = count = cost = started = None
    outdated: list[str] = []
    with contextlib.suppress(HiveError):
        rows = app.rows.agents().value
        agents = len(rows)
        outdated = [row.name for row in rows if row.needs_update and not row.transient]
        costs = [row.cost_today_usd for row in rows if row.cost_today_usd is not None]
        cost = sum(costs) if costs else None
    with contextlib.suppress(HiveError):
        count = len(read_action_list(app).items)
    with contextlib.suppress(HiveError):
        started = app.rows.started_ms().value
    return {
        "hostname": app.hostname,
        "agents": agents,
        "action_items": count,
        "cost": cost,
        "started": started,
        "outdated": outdated,
    }


SECTION = Section(
    name="banner",
    title=Title("HYPERHIVE", "Hive"),
    template="sections/banner",
    topics=topics.NEEDS,
    fetch=fetch,
    frame="layout/section_without_heading",
)
