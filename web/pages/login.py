"""`/login` and `/logout`. `hive up` prints the token behind a `#`, which a browser never sends; the page posts it.

Under the names of loopback the right token leads to the site's own name, where the session is opened: `http/site.py`.
"""

from dataclasses import replace
from urllib.parse import quote, urlencode

from harness.wire.errors import ErrorCode, HiveError, forbidden
from web import layout
from web.app import WebApp
from web.http import cookies, urls
from web.http.request import HttpRequest
from web.http.response import HttpResponse, see_other, status_of
from web.http.site import NameKind

TITLE = "log in · hive"

NO_SECRETS_HERE = forbidden(
    "a login at this address could be taken over: it has no TLS",
    "open it on the machine itself, through `ssh -L`, or behind a reverse proxy with TLS",
)


def show(app: WebApp, request: HttpRequest) -> HttpResponse:
    """GET `/login`."""
    if request.session is not None:
        return see_other(urls.local_path(request.query.get("next")))
    if request.name is NameKind.PLAIN:
        raise NO_SECRETS_HERE
    return layout.bare(app, request, "pages/login", title=TITLE, error=None, next=request.query.get("next", "/"))


def log_in(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/login` with `token`: the right one opens a session; a wrong one counts against the address."""
    if request.name is NameKind.PLAIN:
        raise NO_SECRETS_HERE
    token = request.form.get("token", "").strip()
    following = urls.local_path(request.form.get("next"))
    if not app.keyring.is_token(token):
        return _wrong_token(app, request)
    if request.name is NameKind.LOOPBACK:
        query = urlencode({"next": following}) if following != urls.HOME else ""
        path = urls.LOGIN + (f"?{query}" if query else "") + f"#token={quote(token, safe='')}"
        onward = app.site.own_url(request.host, path)
        page = layout.bare(app, request, "pages/onward", title=TITLE, onward=onward)
        return replace(page, holds_secret=True)
    cookie = app.open_session(request.address, request.user_agent)
    return see_other(following, {cookies.SESSION: cookie})


def log_out(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/logout`: the session ends, in this browser and for every copy of its cookie."""
    if request.session is not None:
        app.sessions.end(request.session.id)
    return see_other(urls.LOGIN, {cookies.SESSION: ""})


def _wrong_token(app: WebApp, request: HttpRequest) -> HttpResponse:
    """The form again, and how long to wait after too many of them."""
    now = request.now_ms / 1000
    wait = app.throttle.retry_after(request.address, now)
    if wait <= 0:
        app.throttle.failed(request.address, now)
        return _form(app, request, forbidden("that is not the token of this hive", "`hive up` prints the right one"))
    hint = f"wait {wait:.0f} s, or use the right one; it is in the file that `hive up` names"
    error = HiveError(ErrorCode.RATE_LIMITED, "too many wrong tokens from this address", hint)
    return HttpResponse(_form(app, request, error).body, 429, headers={"Retry-After": f"{wait:.0f}"})


def _form(app: WebApp, request: HttpRequest, error: HiveError) -> HttpResponse:
    """The form again, with the reason for which the login was refused."""
    following = urls.local_path(request.form.get("next"))
    return layout.bare(app, request, "pages/login", title=TITLE, status=status_of(error), error=error, next=following)
