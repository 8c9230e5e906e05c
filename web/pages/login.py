"""`/login` and `/logout`. `hive up` prints the token behind a `#`, which a browser never sends; the page posts it."""

from harness.wire.errors import ErrorCode, HiveError, forbidden
from web import layout
from web.app import WebApp
from web.http import cookies, urls
from web.http.request import HttpRequest
from web.http.response import HttpResponse, see_other, status_of

TITLE = "log in · hive"


def show(app: WebApp, request: HttpRequest) -> HttpResponse:
    """GET `/login`."""
    if request.session is not None:
        return see_other(urls.local_path(request.query.get("next")))
    return layout.bare(app, request, "pages/login", title=TITLE, error=None, next=request.query.get("next", "/"))


def log_in(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/login` with `token`: the right one opens a session; a wrong one counts against the address."""
    now = request.now_ms / 1000
    wait = app.throttle.retry_after(request.address, now)
    if wait > 0:
        hint = f"wait {wait:.0f} s; the token is in the file that `hive up` names"
        error = HiveError(ErrorCode.RATE_LIMITED, "too many wrong tokens from this address", hint)
        return HttpResponse(_form(app, request, error).body, 429, headers={"Retry-After": f"{wait:.0f}"})
    if not app.keyring.is_token(request.form.get("token", "").strip()):
        app.throttle.failed(request.address, now)
        return _form(app, request, forbidden("that is not the token of this hive", "`hive up` prints the right one"))
    return see_other(urls.local_path(request.form.get("next")), {cookies.SESSION: app.keyring.open_session(int(now))})


def log_out(app: WebApp, request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """POST `/logout`: this browser forgets its session."""
    return see_other(urls.LOGIN, {cookies.SESSION: ""})


def _form(app: WebApp, request: HttpRequest, error: HiveError) -> HttpResponse:
    """The form again, with the reason for which the login was refused."""
    following = urls.local_path(request.form.get("next"))
    return layout.bare(app, request, "pages/login", title=TITLE, status=status_of(error), error=error, next=following)
