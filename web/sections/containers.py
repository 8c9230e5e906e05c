"""◆ C0NTAINERS: the agents and peers, each with its state, its figures, its status text and its actions."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from harness.wire import names
from harness.wire.errors import HiveError
from harness.wire.operator_rows import AgentRow
from web.app import WebApp
from web.daemon import topics
from web.http import urls
from web.http.request import HttpRequest
from web.http.response import HttpResponse
from web.presentation import agent_state, agent_table, sparkline, titles
from web.presentation.agent_table import View
from web.presentation.state_style import StateStyle
from web.sections.section import Section, own_query, refresh

MAX_FILTER = 200
MAX_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class AgentItem:
    """One agent as the table and the agent's own page show it."""

    row: AgentRow
    state: StateStyle
    badges: list[agent_state.Badge]
    context: float | None
    bars: list[int] | None
    """None when the agent's turns could not be read."""


def view_of(request: HttpRequest) -> View:
    """The view that the query names; what it does not know is as if it were not there."""
    columns = request.query.get("columns")
    return View(
        filter=request.query.get("filter", "")[:MAX_FILTER],
        group=request.query.get("group", ""),
        sort=request.query.get("sort", "name"),
        columns=tuple(one for one in agent_table.COLUMNS if columns is None or one in columns.split(",")),
        page=request.number("page", 1, 1, MAX_PAGE),
    )


def fetch(app: WebApp, request: HttpRequest, only: Collection[str] | None = None) -> Mapping[str, Any]:
    """One page of the table. Of the rows on it those of `only` are filled in, the others are named."""
    cached, view = app.rows.agents(), view_of(request)
    table = agent_table.arrange(cached.value, view)
    return {
        "view": view,
        "table": table,
        "whole": only is None,
        "items": {
            row.name: agent_item(app, row, request.now_ms)
            for group in table.groups
            for row in group.rows
            if only is None or names.container_name(row.name) in only
        },
        "sorts": list(agent_table.SORTS),
        "all_columns": agent_table.COLUMNS,
        "rows_at": urls.agent_rows(**own_query(SECTION, request)),
        "stale": cached.stale_as_of_ms,
        "omitted": cached.omitted,
    }


def rows(app: WebApp, request: HttpRequest) -> HttpResponse:
    """`/section/containers/rows?agents=`: the page with these rows only, for a page that has the others."""
    only = frozenset(request.query.get("agents", "").split(",")[: agent_table.PAGE_ROWS])
    return refresh(app, replace(SECTION, fetch=partial(fetch, only=only)), request)


def agent_item(app: WebApp, row: AgentRow, now_ms: int) -> AgentItem:
    """One agent with everything that its row shows."""
    context = agent_state.context_share(row)
    return AgentItem(row, agent_state.style(row), agent_state.badges(row), context, _bars(app, row, now_ms))


def _bars(app: WebApp, row: AgentRow, now_ms: int) -> list[int] | None:
    if row.role == "peer" or not row.turns_today:
        return []
    try:
        turns = app.rows.turns(row.name).value
    except HiveError:
        return None
    return sparkline.heights(sparkline.busy_shares(turns, now_ms))


SECTION = Section(
    name="containers",
    title=titles.CONTAINERS,
    template="sections/containers",
    topics=(topics.AGENTS, topics.ALL_AGENTS),
    fetch=fetch,
    by_rows=True,
    query_keys=("filter", "group", "sort", "columns", "page"),
)
