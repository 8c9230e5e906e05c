"""The line at the top: which hive this is, since when, how many agents, what it costs, how many need you."""

import contextlib
from collections.abc import Mapping
from typing import Any

from harness.wire.errors import HiveError
from web import topics
from web.section import Section
from web.services import Services
from web.visit import Visit
from web.waiting import waiting
from web.words import Title


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """Figures of the hive. What can not be read is left out: the sections below say why."""
    agents = count = cost = started = None
    stale: list[str] = []
    with contextlib.suppress(HiveError):
        rows = services.reads.agents().value
        agents = len(rows)
        stale = [row.name for row in rows if row.needs_update and not row.transient]
        costs = [row.cost_today_usd for row in rows if row.cost_today_usd is not None]
        cost = sum(costs) if costs else None
    with contextlib.suppress(HiveError):
        count = len(waiting(services, visit).needs)
    with contextlib.suppress(HiveError):
        started = services.reads.started_ms().value
    return {
        "machine": services.machine,
        "agents": agents,
        "waiting": count,
        "cost": cost,
        "started": started,
        "outdated": stale,
    }


SECTION = Section(
    name="banner",
    title=Title("HYPERHIVE", "Hive"),
    template="banner",
    topics=(topics.AGENTS, topics.INBOX, topics.APPROVALS, topics.QUESTIONS),
    fetch=fetch,
    frame="unheaded",
)
