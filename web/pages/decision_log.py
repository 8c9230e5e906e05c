"""`/decisions`: who decided what about which commit, newest first, and whether the log of it is whole."""

from web import layout
from web.app import WebApp
from web.http.request import HttpRequest
from web.http.response import HttpResponse


def show(app: WebApp, request: HttpRequest) -> HttpResponse:
    """GET `/decisions`."""
    found = app.rows.decisions()
    return layout.page(
        app,
        request,
        "pages/decisions",
        title="decisions · hive",
        styles=("table.css",),
        rows=list(reversed(found.decisions)),
        omitted=found.omitted,
        broken_at=found.broken_at,
        reason=found.reason,
    )
