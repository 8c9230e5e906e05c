"""The web process as a WSGI application: one table of routes, and what every request passes on its way.

Order: Host → size → Origin → who is it → CSRF → the page. A HiveError becomes the answer its caller can use
(a fragment for htmx, JSON below `/api/`, else a page); anything else is a 500 with a line in the log.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlsplit

import bottle

from harness.wire.errors import ErrorCode, HiveError, forbidden, not_found
from harness.wire.limits import BODY_LIMIT
from web import guard, urls
from web.auth import SESSION_SECONDS, Session, same
from web.pages import (
    actions,
    actors,
    agent,
    api,
    approval,
    config,
    dashboard,
    decisions,
    door,
    events,
    keys,
    layout,
    stats,
    status,
)
from web.services import Services
from web.visit import JSON, THEMES, Answer, Visit, as_json, see_other, status_of

logger = logging.getLogger(__name__)

bottle.BaseRequest.MEMFILE_MAX = guard.MAX_BODY_BYTES

YEAR_SECONDS = 365 * 24 * 3600


class Access(StrEnum):
    """Who may call a route."""

    OPEN = "open"
    """Everybody who reaches the port; a POST still has to come from this page."""
    READ = "read"
    """The operator: session cookie, or the token as a bearer."""
    ACT = "act"
    """The operator, with the CSRF token of the session (a bearer needs none: no browser sends it by itself)."""


Handler = Callable[..., Answer]

ROUTES: tuple[tuple[str, str, Access, Handler], ...] = (
    ("GET", "/", Access.READ, dashboard.show),
    ("GET", "/section/flow/rows", Access.READ, dashboard.flow_rows),
    ("GET", "/section/tree", Access.READ, actors.tree),
    ("GET", "/section/stats", Access.READ, stats.afresh),
    ("GET", "/section/<name>", Access.READ, dashboard.one),
    ("GET", "/agent/<name>/", Access.READ, agent.show),
    ("GET", "/agent/<name>/head", Access.READ, agent.head),
    ("GET", "/agent/<name>/log/rows", Access.READ, agent.log_rows),
    ("GET", "/agent/<name>/tab", Access.READ, agent.tab),
    ("GET", "/panel/journal/<name>", Access.READ, agent.journal_panel),
    ("GET", "/panel/config/<name>", Access.READ, config.panel),
    ("GET", "/approval/<number>/", Access.READ, approval.show),
    ("GET", "/config/<name>/", Access.READ, config.show),
    ("GET", "/config/<name>/<part>", Access.READ, config.part),
    ("GET", "/actors", Access.READ, actors.show),
    ("GET", "/stats", Access.READ, stats.show),
    ("GET", "/keys", Access.READ, keys.show),
    ("GET", "/events", Access.READ, events.stream),
    ("GET", "/api/state", Access.READ, api.state),
    ("GET", "/api/messages", Access.READ, api.messages),
    ("GET", "/api/actors", Access.READ, api.actors),
    ("GET", "/api/journal/<name>", Access.READ, api.journal),
    ("GET", "/api/stats", Access.READ, stats.series),
    ("GET", "/api/needs", Access.READ, api.needs),
    ("GET", "/api/agent-config/<name>", Access.READ, config.text),
    ("GET", "/api/approvals/<number>/diff", Access.READ, approval.diff),
    ("GET", "/api/state-file", Access.READ, api.state_file),
    ("GET", "/metrics", Access.READ, status.metrics),
    ("GET", "/healthz", Access.OPEN, status.health),
    ("GET", "/readyz", Access.OPEN, status.ready),
    ("GET", "/login", Access.OPEN, door.show),
    ("POST", "/login", Access.OPEN, door.log_in),
    ("POST", "/logout", Access.ACT, door.log_out),
    ("POST", "/theme", Access.ACT, actions.theme),
    ("POST", "/op-send", Access.ACT, actions.send),
    ("POST", "/inbox-seen", Access.ACT, actions.inbox_seen),
    ("POST", "/destroy/<name>", Access.ACT, actions.destroy),
    ("POST", "/agent/<name>/control", Access.ACT, actions.control),
    ("POST", "/agent/<name>/say", Access.ACT, actions.say),
    ("POST", "/approve/<number>", Access.ACT, decisions.approve),
    ("POST", "/deny/<number>", Access.ACT, decisions.deny),
    ("POST", "/answer-question/<number>", Access.ACT, decisions.answer),
    ("POST", "/<verb:re:" + "|".join(decisions.ROW_VERBS) + ">/<number>", Access.ACT, decisions.on_row),
    ("POST", "/rebuild-all", Access.ACT, decisions.rebuild_all),
    ("POST", "/request-spawn", Access.ACT, decisions.request_spawn),
    ("POST", "/revive/<name>", Access.ACT, decisions.revive),
    ("POST", "/purge-tombstone/<name>", Access.ACT, decisions.purge),
    ("POST", "/notices-seen", Access.ACT, decisions.notices_seen),
    ("POST", "/<verb:re:" + "|".join(actions.VERBS) + ">/<name>", Access.ACT, actions.on_agent),
)


def build(services: Services) -> bottle.Bottle:
    """The application; it owns nothing but its routes."""
    app = bottle.Bottle()
    known = guard.known_hosts(services.settings.host, services.settings.allowed_hosts)
    for method, path, access, handler in ROUTES:
        app.route(path, method, _guarded(services, known, access, handler))
    app.route("/static/<digest>/<name:path>", "GET", _static(services))
    app.default_error_handler = _failed
    return app


def _guarded(services: Services, known: frozenset[str], access: Access, handler: Handler) -> Callable[..., Any]:
    def serve(**arguments: str) -> Any:
        visit = _visit(services)
        try:
            _check(visit, known)
        except HiveError as error:
            # Whoever does not pass is a stranger, whatever cookie the browser sent along: no page of the hive's.
            return _send(services, _refused(services, replace(visit, session=None), error))
        try:
            visit = _with_form(visit)
            if access is not Access.OPEN:
                _admit(services, visit, access)
            return _send(services, handler(services, visit, **arguments))
        except _LoginNeeded:
            return _send(services, _to_the_door(visit))
        except HiveError as error:
            return _send(services, _refused(services, visit, error))
        except bottle.HTTPResponse:
            raise
        except Exception:
            logger.exception("a page failed path=%s", visit.path)
            failure = HiveError(ErrorCode.INTERNAL, "this page failed", "the log of hive-web says where")
            return _send(services, _refused(services, visit, failure))

    return serve


class _LoginNeeded(Exception):  # noqa: N818 — it is no error
    """Nobody is logged in here."""


def _visit(services: Services) -> Visit:
    request = bottle.request
    theme = request.get_cookie("hive_theme", "")
    now_ms = services.now_ms()
    return Visit(
        method=request.method,
        path=request.path,
        query={key: request.query.getunicode(key, "") for key in request.query},
        form={},
        address=request.environ.get("REMOTE_ADDR") or "",
        now_ms=now_ms,
        session=services.keyring.session(request.get_cookie(_cookie_name(services, door.SESSION)), now_ms // 1000),
        theme=theme if theme in THEMES else THEMES[0],
        htmx=request.get_header("HX-Request") == "true",
        last_event_id=request.get_header("Last-Event-ID"),
        back=urls.local_path(_own_path(request.get_header("Referer"))),
        seen=_number(request.get_cookie("hive_seen", "")),
        noticed=_number(request.get_cookie("hive_noticed", "")),
        seq=services.feed.status.seq,
        epoch=services.feed.status.epoch or "",
    )


def _number(text: str) -> int:
    """A whole number from a cookie; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _own_path(referer: str | None) -> str | None:
    parts = urlsplit(referer or "")
    if parts.netloc != bottle.request.get_header("Host"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _check(visit: Visit, known: frozenset[str]) -> None:
    request = bottle.request
    if not guard.host_allowed(request.get_header("Host"), known):
        raise forbidden("this page is not known under that name", "hive-web --allow-host NAME makes it known")
    if guard.too_long(request.method, request.get_header("Content-Length")):
        raise HiveError(ErrorCode.TOO_LARGE, "the form is too large", f"a message is at most {BODY_LIMIT}")
    if visit.method == "GET" and visit.path != urls.EVENTS:
        return
    if not guard.origin_allowed({name: request.get_header(name) for name in ("Origin", "Host", "Sec-Fetch-Site")}):
        raise forbidden("another site sent this request; nothing was done")
    if visit.method == "POST" and (request.content_type or "").partition(";")[0] not in (
        "application/x-www-form-urlencoded",
        "",
    ):
        raise HiveError(ErrorCode.BAD_REQUEST, "forms come urlencoded", "application/x-www-form-urlencoded")


def _admit(services: Services, visit: Visit, access: Access) -> None:
    if _bearer(services, visit):
        return
    if visit.session is None:
        raise _LoginNeeded
    if access is Access.ACT:
        _check_csrf(visit, visit.session)


def _bearer(services: Services, visit: Visit) -> bool:
    scheme, _, token = (bottle.request.get_header("Authorization") or "").partition(" ")
    if scheme.lower() != "bearer":
        return False
    now = visit.now_ms / 1000
    wait = services.throttle.retry_after(visit.address, now)
    if wait > 0:
        raise HiveError(ErrorCode.RATE_LIMITED, "too many wrong tokens from this address", retry_after_seconds=wait)
    if not services.keyring.is_token(token.strip()):
        services.throttle.failed(visit.address, now)
        raise forbidden("that is not the token of this hive", "`hive up` prints the right one")
    return True


def _check_csrf(visit: Visit, session: Session | None) -> None:
    given = bottle.request.get_header("X-CSRF-Token") or visit.form.get("csrf", "")
    if session is None or not same(given, session.csrf):
        raise forbidden("the form is not of this session; nothing was done", "load the page again")


def _with_form(visit: Visit) -> Visit:
    if visit.method != "POST":
        return visit
    forms = bottle.request.forms
    form = {key: forms.getunicode(key, "") for key in forms}
    many = {key: tuple(forms.decode().getall(key)) for key in forms}
    return replace(visit, form=form, many=many)


def _to_the_door(visit: Visit) -> Answer:
    if visit.htmx:
        return Answer("", 401, headers={"HX-Redirect": urls.LOGIN})
    if visit.method == "GET" and not visit.path.startswith(("/api/", "/events", "/metrics")):
        return see_other(f"{urls.LOGIN}?next={quote(visit.path, safe='/')}" if visit.path != "/" else urls.LOGIN)
    error = forbidden("nobody is logged in", "log in, or send the token as Authorization: Bearer")
    return as_json(error.as_reply(), 401)


def _refused(services: Services, visit: Visit, error: HiveError) -> Answer:
    code = status_of(error)
    if visit.path.startswith(("/api/", "/events", "/metrics")):
        return as_json(error.as_reply(), code)
    if visit.session is None or visit.htmx or visit.method == "POST":
        return actions.refused(services, visit, error, code)
    return layout.page(services, visit, "error", title="error · hive", status=code, error=error, back="/")


def _static(services: Services) -> Callable[..., Any]:
    def serve(digest: str, name: str) -> Any:
        asset = services.assets.find(digest, name)
        if asset is None:
            return _send(services, as_json(not_found("such file").as_reply(), 404))
        headers = {**guard.HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
        return bottle.HTTPResponse(asset.body, 200, {**headers, "Content-Type": asset.content_type})

    return serve


def _send(services: Services, answer: Answer) -> bottle.HTTPResponse:
    body = answer.body.encode() if isinstance(answer.body, str) else answer.body
    headers = {"Cache-Control": "no-store", **guard.HEADERS, "Content-Type": answer.content_type, **answer.headers}
    response = bottle.HTTPResponse(body, answer.status, headers)
    for name, value in answer.cookies.items():
        options = {"path": "/", "httponly": True, "samesite": "strict"}
        if not value:
            response.delete_cookie(_cookie_name(services, name), **options)
            continue
        age = SESSION_SECONDS if name == door.SESSION else YEAR_SECONDS
        response.set_cookie(_cookie_name(services, name), value, max_age=age, **options)
    return response


def _cookie_name(services: Services, name: str) -> str:
    return f"hive_session_{services.settings.port}" if name == door.SESSION else name


def _failed(error: bottle.HTTPError) -> str:
    """What the router itself refuses (no such page, wrong method), and a last resort for what escaped."""
    error.content_type = JSON
    for name, value in guard.HEADERS.items():
        error.set_header(name, value)
    code = ErrorCode.NOT_FOUND if error.status_code == 404 else ErrorCode.BAD_REQUEST
    if error.status_code >= 500:
        code = ErrorCode.INTERNAL
    body = as_json(
        HiveError(code, f"there is no such page ({error.status_code})", "/ is the dashboard").as_reply()
    ).body
    assert isinstance(body, str)
    return body
