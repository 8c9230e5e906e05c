"""`/kept-requests/<name>`: the requests of an agent over which something crashed."""

from web import layout
from web.app import WebApp
from web.http.request import HttpRequest
from web.http.response import HttpResponse


def show(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """GET `/kept-requests/<name>`."""
    rows = app.rows.kept_requests(name)
    agents = [row for row in app.rows.agents().value if name in (row.name, row.container)]
    suspended = next((row.suspended for row in agents), None)
    title = f"requests of {name} · hive"
    return layout.page(app, request, "pages/kept_requests", title=title, name=name, rows=rows, suspended=suspended)
