"""The web process as a WSGI application: the way of every request from bottle to a page and back.

Order: Host → size → Origin → login → CSRF → the page. A HiveError becomes a response that its caller can use: a
fragment for htmx, JSON for a program, else a page (`refusals.py`). Any other exception is a 500 with a line in the log.
"""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import bottle

from harness.wire.errors import ErrorCode, HiveError, forbidden, not_found
from harness.wire.limits import BODY_LIMIT
from web import refusals
from web.app import WebApp
from web.http import checks, urls
from web.http.assets import CACHE_FOR_EVER
from web.http.auth import csrf_matches
from web.http.bottle_adapter import current_request, to_bottle, with_form, with_session
from web.http.request import HttpRequest
from web.http.response import HttpResponse, json_response, see_other
from web.routes import ROUTES, Access, Handler

logger = logging.getLogger(__name__)


def application(app: WebApp) -> bottle.Bottle:
    """The WSGI application; it owns nothing but its routes."""
    wsgi = bottle.Bottle()
    for method, path, access, handler in ROUTES:
        wsgi.route(path, method, _guarded(app, access, handler))
    wsgi.route("/static/<digest>/<name:path>", "GET", _static(app))
    wsgi.default_error_handler = _router_error(app)
    return wsgi


def _guarded(app: WebApp, access: Access, handler: Handler) -> Callable[..., Any]:
    def serve(**arguments: str) -> Any:
        checks.drop_unreadable(bottle.request.environ)
        status = app.feed.status
        request = current_request(app.site, app.now_ms(), status.seq, status.epoch)
        try:
            _check(request)
            request = with_session(request, app.session)
        except HiveError as error:
            # A request that fails the checks is a stranger's, whatever cookie it carries: it sees no page of the hive.
            return to_bottle(refusals.answer(app, replace(request, session=None), error), request.name)
        return to_bottle(_answer(app, request, access, handler, arguments), request.name)

    return serve


def _answer(
    app: WebApp, request: HttpRequest, access: Access, handler: Handler, arguments: dict[str, str]
) -> HttpResponse:
    """The response of a page, or the response for its failure."""
    try:
        request = with_form(request, app.site)
        if access is not Access.OPEN:
            _authorize(app, request, access)
    except _LoginRequired:
        return _to_login(request)
    except HiveError as error:
        return refusals.answer(app, replace(request, session=None), error)
    try:
        return handler(app, request, **arguments)
    except HiveError as error:
        return refusals.answer(app, request, error)
    except bottle.HTTPResponse:
        raise
    except Exception:
        logger.exception("a page failed path=%s", request.path)
        failure = HiveError(ErrorCode.INTERNAL, "this page failed", "the log of hive-web has the reason")
        return refusals.answer(app, request, failure)


class _LoginRequired(Exception):  # noqa: N818 — an answer, not an error
    """The browser has no session."""


def _check(request: HttpRequest) -> None:
    raw = bottle.request
    if request.name is None:
        raise forbidden("this server is not known under that name", "hive-web --allow-host NAME makes it known")
    if checks.body_too_large(raw.method, raw.get_header("Content-Length")):
        raise HiveError(ErrorCode.TOO_LARGE, "the form is too large", f"a message is at most {BODY_LIMIT}")
    if request.method == "GET" and not urls.is_live(request.path):
        return
    if not checks.origin_allowed({name: raw.get_header(name) for name in ("Origin", "Host", "Sec-Fetch-Site")}):
        raise forbidden("another site sent this request; nothing was done")
    content_type = (raw.content_type or "").partition(";")[0]
    if request.method == "POST" and content_type not in ("application/x-www-form-urlencoded", ""):
        raise HiveError(ErrorCode.BAD_REQUEST, "a form has to be urlencoded", "application/x-www-form-urlencoded")


def _authorize(app: WebApp, request: HttpRequest, access: Access) -> None:
    if _has_bearer_token(app, request):
        return
    if request.session is None:
        raise _LoginRequired
    if access is Access.ACT:
        given = bottle.request.get_header("X-CSRF-Token") or request.form.get("csrf", "")
        if not csrf_matches(given, request.csrf):
            raise forbidden("the form does not belong to this session; nothing was done", "load the page again")


def _has_bearer_token(app: WebApp, request: HttpRequest) -> bool:
    """Whether the operator's token is in the Authorization header; raises for a wrong token."""
    scheme, _, token = (bottle.request.get_header("Authorization") or "").partition(" ")
    if scheme.lower() != "bearer":
        return False
    if app.keyring.is_token(token.strip()):
        return True
    now = request.now_ms / 1000
    wait = app.throttle.retry_after(request.address, now)
    if wait > 0:
        raise HiveError(ErrorCode.RATE_LIMITED, "too many wrong tokens from this address", retry_after_seconds=wait)
    app.throttle.failed(request.address, now)
    raise forbidden("that is not the token of this hive", "`hive up` prints the right one")


def _to_login(request: HttpRequest) -> HttpResponse:
    if request.htmx:
        return HttpResponse("", 401, headers={"HX-Redirect": _login_for(request.return_path)})
    if request.method == "GET" and not refusals.for_program(request):
        query = f"?{urlencode(request.query)}" if request.query else ""
        return see_other(_login_for(request.path + query))
    error = forbidden("this request has no session", "log in, or send the token as Authorization: Bearer")
    return json_response(error.as_reply(), 401)


def _login_for(path: str) -> str:
    """The address of the login that leads back to `path`."""
    return urls.LOGIN + (f"?next={quote(path, safe='/')}" if path != urls.HOME else "")


def _static(app: WebApp) -> Callable[..., Any]:
    def serve(digest: str, name: str) -> Any:
        asset = app.assets.find(digest, name)
        if asset is None:
            request = current_request(app.site, app.now_ms(), 0, None)
            return to_bottle(refusals.answer(app, request, not_found("such file")), request.name)
        headers = {"Cache-Control": CACHE_FOR_EVER}
        response = HttpResponse(asset.body, content_type=asset.content_type, headers=headers, packed=asset.packed)
        return to_bottle(response, None)

    return serve


def _router_error(app: WebApp) -> Callable[[bottle.HTTPError], Any]:
    """Writes bottle's own refusals (no such page, wrong method) and exceptions that escaped."""

    def body(error: bottle.HTTPError) -> Any:
        checks.drop_unreadable(bottle.request.environ)
        status = app.feed.status
        request = current_request(app.site, app.now_ms(), status.seq, status.epoch)
        with contextlib.suppress(HiveError):  # a page without the session shows nothing of the hive
            request = with_session(request, app.session)
        answer = to_bottle(refusals.answer(app, request, _of_router(error, request), error.status_code), request.name)
        if allowed := error.get_header("Allow"):
            answer.set_header("Allow", allowed)
        return answer

    return body


def _of_router(error: bottle.HTTPError, request: HttpRequest) -> HiveError:
    """A refusal of bottle in the words of the hive."""
    match error.status_code:
        case 404:
            return HiveError(ErrorCode.NOT_FOUND, "there is no such page", "/ is the dashboard")
        case 405:
            takes = error.get_header("Allow")
            return HiveError(ErrorCode.BAD_REQUEST, f"this address does not take {request.method}", f"it takes {takes}")
        case 413:
            return HiveError(ErrorCode.TOO_LARGE, "the form is too large", f"a message is at most {BODY_LIMIT}")
        case code if code < 500:
            return HiveError(ErrorCode.BAD_REQUEST, "the request could not be read", "/ is the dashboard")
    return HiveError(ErrorCode.INTERNAL, "this page failed", "the log of hive-web has the reason")
