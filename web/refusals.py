"""The answer to a request that fails: a fragment for htmx, JSON for a program, a page for a browser.

A browser is what accepts text/html. Without a session its page shows nothing of the hive.
"""

import logging
from typing import Any

from harness.wire.errors import ErrorCode, HiveError
from web import layout
from web.app import WebApp
from web.http import urls
from web.http.request import HttpRequest
from web.http.response import HttpResponse, json_response, status_of

logger = logging.getLogger(__name__)

FOR_PROGRAMS = ("/api/", "/events", "/metrics")
"""Addresses that answer with JSON, whatever is accepted, and lead nobody to the login."""
AWAY = (ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT)
RETRY_SECONDS = 5


def for_program(request: HttpRequest) -> bool:
    """Whether the client reads JSON rather than a page."""
    return request.path.startswith(FOR_PROGRAMS) or not (request.accepts_page or request.htmx)


def answer(app: WebApp, request: HttpRequest, error: HiveError, status: int | None = None) -> HttpResponse:
    """`error` as its client can use it; `status` where it is not the one of the error's code."""
    status = status or status_of(error)
    headers = _headers(error)
    if for_program(request):
        return json_response(error.as_reply(), status, headers)
    if request.htmx:
        return HttpResponse(layout.fragment(app, request, "parts/refusal", error=error), status, headers=headers)
    values: dict[str, Any] = {"status": status, "headers": headers, "error": error}
    if request.session is not None:
        try:
            return _page(layout.page, app, request, **values)
        except Exception:
            # What failed may be the frame itself.
            logger.exception("the frame of an error page failed path=%s", request.path)
    return _page(layout.bare, app, request, **values)


def _page(frame: layout.Frame, app: WebApp, request: HttpRequest, *, status: int, **values: Any) -> HttpResponse:
    back = request.return_path if request.return_path != request.path else urls.HOME
    title = f"{status} · hive"
    retry = request.method == "GET" and status in (503, 504)
    values |= {"number": status, "back": back, "retry": retry}
    return frame(app, request, "pages/error", title=title, status=status, **values)


def _headers(error: HiveError) -> dict[str, str]:
    """How long to wait, where the error is one that passes."""
    if error.retry_after_seconds is not None:
        return {"Retry-After": f"{max(1.0, error.retry_after_seconds):.0f}"}
    return {"Retry-After": str(RETRY_SECONDS)} if error.code in AWAY else {}
