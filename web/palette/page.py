"""`/palette`: what a line leads to and does, as a page of links and forms; `/api/palette` gives it to the dialog."""

from dataclasses import asdict

from web import layout
from web.app import WebApp
from web.http.request import HttpRequest
from web.http.response import HttpResponse, json_response
from web.palette.answer import Entry, answer
from web.palette.places import AGENT_TABS


def show(app: WebApp, request: HttpRequest) -> HttpResponse:
    """GET `/palette?q=`."""
    line = request.query.get("q", "")
    title = "go to, or do · hive"
    return layout.page(app, request, "pages/palette", title=title, line=line, entries=_entries(app, line))


def rows(app: WebApp, request: HttpRequest) -> HttpResponse:
    """GET `/api/palette?q=`."""
    return json_response([asdict(entry) for entry in _entries(app, request.query.get("q", ""))])


def _entries(app: WebApp, line: str) -> list[Entry]:
    return answer(app, line, AGENT_TABS)
