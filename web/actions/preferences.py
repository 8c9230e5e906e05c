"""What a browser remembers for its operator, in cookies: how its pages look, which notices are dismissed."""

from dataclasses import asdict

from harness.wire.errors import bad_request
from web.app import WebApp
from web.http import cookies
from web.http.preferences import CHOICES, cookie
from web.http.request import HttpRequest
from web.http.response import HttpResponse, see_other


def choose(app: WebApp, request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """POST `/preferences` with any of `theme`, `words` and `times`: what this browser shows from here on."""
    chosen = {name: request.form[name] for name in CHOICES if name in request.form}
    for name, value in chosen.items():
        if value not in CHOICES[name]:
            raise bad_request(f"{name} is one of {', '.join(CHOICES[name])}")
    # All are written: the cookie of an earlier version said two things in one.
    all_of_them = {**asdict(request.preferences), **chosen}
    return see_other(request.return_path, {cookie(name): value for name, value in all_of_them.items()})


def dismiss_notices(app: WebApp, request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """POST `/notices-seen` with `at` (ms UTC): every notice up to that moment is dismissed."""
    moment = request.form.get("at", "")
    if not moment.isascii() or not moment.isdecimal() or len(moment) > 18:
        raise bad_request("at is the moment of the last notice to dismiss, in milliseconds")
    return _remember(request, cookies.DISMISSED_NOTICES, max(int(moment), request.dismissed_ms))


def _remember(request: HttpRequest, name: str, value: int) -> HttpResponse:
    changed = {name: str(value)}
    if not request.htmx:
        return see_other(request.return_path, changed)
    return HttpResponse("", 204, headers={"HX-Trigger": "hive:reread"}, cookies=changed)
