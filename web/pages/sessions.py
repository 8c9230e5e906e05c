"""`/sessions`: the browsers in which the operator is logged in, and logging one out."""

from harness.wire.errors import bad_request
from web import layout
from web.actions import outcomes
from web.app import WebApp
from web.http import cookies, urls
from web.http.request import HttpRequest
from web.http.response import HttpResponse, see_other


def show(app: WebApp, request: HttpRequest) -> HttpResponse:
    """GET `/sessions`."""
    own = request.session.id if request.session else None
    return layout.page(app, request, "pages/sessions", title="sessions · hive", rows=app.sessions.rows(), own=own)


def end(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """POST `/end-session/<number>`: log that browser out."""
    if not number.isdecimal() or len(number) > 18:
        raise bad_request("a session has a number")
    app.sessions.end(int(number))
    if request.session is not None and request.session.id == int(number):
        return see_other(urls.LOGIN, {cookies.SESSION: ""})
    return outcomes.done(app, request, "logged out") if request.htmx else see_other(urls.SESSIONS)
