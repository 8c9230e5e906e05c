"""Between bottle and the pages: its current request as an HttpRequest, an HttpResponse as its response."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import urlsplit

import bottle

from harness.wire.errors import bad_request
from web.http import checks, compression, cookies, preferences, site, urls
from web.http.auth import Session
from web.http.headers import SECURITY_HEADERS
from web.http.request import HttpRequest
from web.http.response import HttpResponse
from web.http.site import NameKind, Site
from web.live.websocket import UPGRADE

bottle.BaseRequest.MEMFILE_MAX = checks.MAX_BODY_BYTES


def current_request(names: Site, now_ms: int, seq: int, epoch: str | None) -> HttpRequest:
    """Bottle's current request without its session, and without its form, which is read only after the checks."""
    request = bottle.request
    host = request.get_header("Host") or ""
    return HttpRequest(
        method=request.method,
        path=request.path,
        query={key: request.query.getunicode(key, "") for key in request.query},
        form={},
        address=request.environ.get("REMOTE_ADDR") or "",
        now_ms=now_ms,
        host=host,
        name=names.kind(host),
        user_agent=request.get_header("User-Agent") or "",
        preferences=preferences.read(lambda name: request.get_cookie(name, "")),
        diff_layout=request.get_cookie(cookies.DIFF_LAYOUT, ""),
        accepts_page="text/html" in (request.get_header("Accept") or ""),
        htmx=request.get_header("HX-Request") == "true",
        if_none_match=request.get_header("If-None-Match"),
        last_event_id=request.get_header("Last-Event-ID"),
        return_path=urls.local_path(_own_path(request.get_header("Referer"))),
        dismissed_ms=_number(request.get_cookie(cookies.DISMISSED_NOTICES, "")),
        seq=seq,
        epoch=epoch or "",
    )


def with_session(request: HttpRequest, find: Callable[[str | None], Session | None]) -> HttpRequest:
    """`request` with its session; none under a name whose cookies other programs can receive."""
    if request.name not in (NameKind.OWN, NameKind.TLS):
        return request
    cookie = bottle.request.get_cookie(cookies.browser_name(cookies.SESSION, request.name))
    return replace(request, session=find(cookie))


def with_form(request: HttpRequest, names: Site) -> HttpRequest:
    """`request` with the form that bottle reads from the body of a POST, the site's own name taken out."""
    if request.method != "POST":
        return request
    try:
        forms = bottle.request.forms.decode()
    except UnicodeError:
        raise bad_request("the form is not UTF-8") from None
    lists = {key: tuple(_entered(names, one) for one in forms.getall(key)) for key in forms}
    form = {key: values[-1] for key, values in lists.items()}
    return replace(request, form=form, form_lists=lists)


def to_bottle(response: HttpResponse, kind: NameKind | None) -> bottle.HTTPResponse:
    """`response` with the security headers and its cookies, compressed where its browser takes that."""
    body = response.body.encode() if isinstance(response.body, str) else response.body
    body, coding = _coded(response, body)
    headers = {
        "Cache-Control": "no-store",
        **SECURITY_HEADERS,
        "Content-Type": response.content_type,
        **coding,
        **response.headers,
    }
    if response.websocket is not None:
        bottle.request.environ[UPGRADE] = response.websocket
    sent = bottle.HTTPResponse(body, response.status, headers)
    for name, value in response.cookies.items():
        browser_name, attributes = cookies.browser_name(name, kind), cookies.attributes(name, kind)
        if value:
            sent.set_cookie(browser_name, value, max_age=cookies.YEAR_SECONDS, **attributes)
        else:
            sent.delete_cookie(browser_name, **attributes)
    return sent


def _coded(response: HttpResponse, body: bytes | Iterable[bytes]) -> tuple[bytes | Iterable[bytes], dict[str, str]]:
    """The body as it is sent, and the headers that say how."""
    if not isinstance(body, bytes) or response.holds_secret or not compression.compressible(response.content_type):
        return body, {}
    varies = {"Vary": "Accept-Encoding"}
    if not compression.accepts_gzip(bottle.request.get_header("Accept-Encoding")):
        return body, varies
    packed = response.packed
    if packed is None and len(body) >= compression.LEAST_BYTES:
        packed = compression.gzipped(body)
    if packed is None:
        return body, varies
    return packed, {**varies, "Content-Encoding": "gzip"}


def _entered(names: Site, text: str) -> str:
    """A value as it was entered: a browser sends line ends as CR LF."""
    return site.without_name(names, text.replace("\r\n", "\n"))


def _own_path(referer: str | None) -> str | None:
    """The path of a Referer on this site; None for another site."""
    if not referer or checks.host_of(referer) != bottle.request.get_header("Host"):
        return None
    parts = urlsplit(referer)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _number(text: str) -> int:
    """A whole number from a cookie; 0 for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
