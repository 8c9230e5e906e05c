"""The line at the top: which hive this is, since when, how many agents, what it costs, how many need you."""

import contextlib
from collections.abc import Mapping
from typing import Any

from harness.wire.errors import HiveError
from web import topics
from web.needs import needs
from web.section import Section
from web.services import Services
from web.visit import Visit
from web.words import Title


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """Figures of the hive. What can not be read is left out: the sections below say why."""
    agents = waiting = cost = started = None
    with contextlib.suppress(HiveError):
        rows = services.reads.agents().value
        agents = len(rows)
        costs = [row.cost_today_usd for row in rows if row.cost_today_usd is not None]
        cost = sum(costs) if costs else None
        waiting = len(needs(rows, services.reads.inbox().value, visit.seen))
    with contextlib.suppress(HiveError):
        started = services.reads.started_ms().value
    return {"machine": services.machine, "agents": agents, "waiting": waiting, "cost": cost, "started": started}


SECTION = Section(
    name="banner",
    title=Title("HYPERHIVE", "Hive"),
    template="banner",
    topics=(topics.AGENTS, topics.INBOX),
    fetch=fetch,
    frame="unheaded",
)
