"""One HTTP response as a page gives it, free of the web framework; and the status of each error."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.wire.errors import ErrorCode, HiveError
from web.live.websocket import WebSocket

HTML = "text/html; charset=utf-8"
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"

STATUS: Mapping[ErrorCode, int] = {
    ErrorCode.BAD_REQUEST: 400,
    ErrorCode.UNKNOWN_COMMAND: 501,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.CONFLICT: 409,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.TIMEOUT: 504,
    ErrorCode.INTERNAL: 500,
}


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What the browser gets."""

    body: str | bytes | Iterable[bytes] = b""
    status: int = 200
    content_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    """Cookies to set; an empty value deletes the cookie."""
    websocket: Callable[[WebSocket], None] | None = None
    """Serves the connection when the request was a WebSocket's handshake; the rest is the answer to any other one."""
    packed: bytes | None = None
    """The body in gzip's format, where that was made before."""
    holds_secret: bool = False
    """Whether the body holds a secret that is the same each time: then it is never compressed."""


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """`value` as JSON."""
    return HttpResponse(json.dumps(value, ensure_ascii=False), status, JSON, headers or {})


def see_other(path: str, cookies: Mapping[str, str] | None = None) -> HttpResponse:
    """A redirect to `path`, which the browser fetches with GET."""
    return HttpResponse("", 303, HTML, {"Location": path}, cookies or {})


def status_of(error: HiveError) -> int:
    """The HTTP status of an error."""
    return STATUS[error.code]
