"""`/sessions`: the browsers in which the operator is logged in, and logging one or all others out."""

from harness.wire.errors import ErrorCode, HiveError, bad_request
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


def end_others(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/end-other-sessions`: log every browser out but this one."""
    own = request.session.id if request.session else None
    ended: set[int] = set()
    # One reply may not hold all of them.
    while others := [row.id for row in app.sessions.rows() if row.id != own and row.id not in ended]:
        for number in others:
            try:
                app.sessions.end(number)
            except HiveError as error:
                if error.code is not ErrorCode.NOT_FOUND:  # which says that it ended by itself
                    raise
        ended |= set(others)
    return see_other(urls.SESSIONS)
