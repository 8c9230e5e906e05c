"""What a browser remembers for its operator, in cookies: the theme, which notices are dismissed."""

from harness.wire.errors import bad_request
from web.app import WebApp
from web.http import cookies
from web.http.request import THEMES, HttpRequest
from web.http.response import HttpResponse, see_other


def theme(app: WebApp, request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """POST `/theme` with `to`: the other theme."""
    wanted = request.form.get("to", "")
    if wanted not in THEMES:
        raise bad_request(f"the themes are {' and '.join(THEMES)}")
    return see_other(request.return_path, {cookies.THEME: wanted})


def dismiss_notices(app: WebApp, request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """POST `/notices-seen` with `at` (ms UTC): every notice up to that moment is dismissed."""
    moment = request.form.get("at", "")
    if not moment.isascii() or not moment.isdecimal() or len(moment) > 18:
        raise bad_request("at is the moment of the last notice to dismiss, in milliseconds")
    return _remember(request, cookies.DISMISSED_NOTICES, max(int(moment), request.dismissed_ms))


def _remember(request: HttpRequest, cookie: str, value: int) -> HttpResponse:
    changed = {cookie: str(value)}
    if not request.htmx:
        return see_other(request.return_path, changed)
    return HttpResponse("", 204, headers={"HX-Trigger": "hive:reread"}, cookies=changed)
