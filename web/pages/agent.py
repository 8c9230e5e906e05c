"""`/agent/<name>/`: one agent's turn log and header, the tabs beside the log, and the composer."""

from collections.abc import Mapping
from typing import Any

from harness.wire import names
from harness.wire.operator_rows import AgentRow
from web import layout
from web.actions.slash_commands import COMMANDS
from web.app import WebApp
from web.daemon import topics
from web.http import urls
from web.http.request import HttpRequest
from web.http.response import HttpResponse
from web.pages import agent_log, agent_tabs
from web.presentation import login, titles
from web.sections.containers import agent_item
from web.sections.section import Section, refresh, render

MODELS = ("haiku", "sonnet", "opus")


def show(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """The whole page; `tab` in the query chooses what stands beside the log."""
    row = app.rows.agent(name).value
    return layout.page(
        app,
        request,
        "pages/agent",
        title=f"{names.container_name(row.name)} · hive",
        styles=("agent.css", "turn_log.css", "table.css", "decisions.css", "review.css"),
        agent=row.name,
        row=row,
        head=render(app, _head(row), request),
        log=agent_log.render(app, request, row),
        tab=agent_tabs.render(app, request, row),
        commands=COMMANDS,
    )


def head(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """`/agent/<name>/head`: the header alone, for an open page."""
    return refresh(app, _head(app.rows.agent(name).value), request)


def tab(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """`/agent/<name>/tab`: the tab beside the log alone."""
    return HttpResponse(agent_tabs.render(app, request, app.rows.agent(name).value))


def journal_panel(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """`/panel/journal/<name>`: the journal, for the panel of any page."""
    row = app.rows.agent(name).value
    return HttpResponse(
        layout.fragment(app, request, "agent/journal_panel", row=row, **agent_tabs.journal(app, request, row))
    )


def _head(row: AgentRow) -> Section:
    """The header, as a section of its own because it changes with every turn."""

    def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
        cached = app.rows.agent(row.name)
        active = cached.value.active_model
        models = dict.fromkeys([*([active] if active else []), *MODELS])
        item = agent_item(app, cached.value, request.now_ms)
        return {
            "item": item,
            "models": list(models),
            "stale": cached.stale_as_of_ms,
            "login": login.form(cached.value, request.now_ms),
        }

    name = names.container_name(row.name)
    return Section(
        name="agent-head",
        title=titles.Title(name, name),
        template="agent/head",
        topics=(topics.row_of(row.name),),
        fetch=fetch,
        frame="layout/section_without_heading",
        refresh_url=urls.agent_part(row.name, "head"),
    )
