"""`/`: the dashboard, and its sections one by one for the pages that are open."""

from harness.wire import names
from harness.wire.errors import HiveError, not_found
from web import layout
from web.app import WebApp
from web.daemon.rows import FLOW_ROWS
from web.http.request import HttpRequest
from web.http.response import HttpResponse
from web.sections import containers, flow, triage
from web.sections.dashboard import BY_NAME, DASHBOARD
from web.sections.section import refresh, render


def show(app: WebApp, request: HttpRequest) -> HttpResponse:
    """All sections in their order, the composer below the last."""
    return layout.page(
        app,
        request,
        "pages/dashboard",
        title="hive",
        styles=("dashboard.css", "triage.css", "table.css", "css/console/agents.css", "decisions.css", "review.css"),
        needs=render(app, triage.items(app, request), request),
        need=render(app, triage.item(app, request), request),
        sections=[render(app, section, request) for section in DASHBOARD],
        recipients=_recipients(app),
    )


def section(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """`/section/<name>`: one section alone, for an open page."""
    of_query = triage.BY_NAME.get(name)
    wanted = BY_NAME.get(name) if of_query is None else of_query(app, request)
    if wanted is None:
        raise not_found(f"section {name!r}")
    return refresh(app, wanted, request)


def agent_rows(app: WebApp, request: HttpRequest) -> HttpResponse:
    """`/section/containers/rows?agents=`: the table with these rows only, for an open page that has the others."""
    return containers.rows(app, request)


def flow_rows(app: WebApp, request: HttpRequest) -> HttpResponse:
    """`/section/flow/rows`: a page of messages after an id, or before one; a header names the id to go on from."""
    after, mails = request.optional_number("after") or 0, flow.rows(app, request)
    newest = max([after, *(mail.id for mail in app.rows.messages().value)])
    if len(mails) > FLOW_ROWS:
        mails = mails[:FLOW_ROWS]
        newest = mails[-1].id
    body = layout.fragment(app, request, "sections/flow_rows", mails=mails)
    return HttpResponse(body, headers={"X-Last-Id": str(newest)})


def _recipients(app: WebApp) -> list[str]:
    """The names that the composer offers; none when they cannot be read, because a typed name still works."""
    try:
        return [*(names.container_name(row.name) for row in app.rows.agents().value), names.BROADCAST]
    except HiveError:
        return []
