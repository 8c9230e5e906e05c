"""One request as a page sees it, and one answer as a page gives it: nothing of the web framework in either."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.wire.errors import ErrorCode, HiveError, bad_request
from web.auth import Session

HTML = "text/html; charset=utf-8"
JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
THEMES = ("mocha", "plain")

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
class Visit:
    """What the browser sent, already decoded and checked."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    address: str
    now_ms: int
    many: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The form again, with every value of a field that came more than once."""
    session: Session | None = None
    theme: str = "mocha"
    htmx: bool = False
    last_event_id: str | None = None
    back: str = "/"
    """Where a plain form goes back to: a path of this page."""
    seen: int = 0
    """The id of the last operator mail that was marked as read."""
    noticed: int = 0
    """The moment (ms UTC) up to which notices were dismissed."""
    seq: int = 0
    """Where the event stream stood before anything was read for this page: it goes on from there."""
    epoch: str = ""

    @property
    def csrf(self) -> str:
        """The token forms carry; empty without a session."""
        return self.session.csrf if self.session else ""

    @property
    def plain(self) -> bool:
        return self.theme == "plain"

    def number(self, key: str, default: int, lowest: int, highest: int) -> int:
        """A whole number from the query, cut to its range; `bad_request` when it is none."""
        raw = self.query.get(key)
        if raw is None:
            return default
        if not raw.isdecimal() or len(raw) > 18:
            raise bad_request(f"{key} is a whole number, not {raw[:40]!r}")
        return max(lowest, min(highest, int(raw)))

    def optional_number(self, key: str) -> int | None:
        """A whole number from the query, or None when it is not there."""
        return self.number(key, 0, 0, 2**63 - 1) if key in self.query else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back."""

    body: str | bytes | Iterable[bytes] = b""
    status: int = 200
    content_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    """Cookies to set; an empty value deletes."""


def as_json(thing: Any, status: int = 200) -> Answer:
    """`thing` as JSON."""
    return Answer(json.dumps(thing, ensure_ascii=False), status, JSON)


def see_other(path: str, cookies: Mapping[str, str] | None = None) -> Answer:
    """Go there with GET."""
    return Answer("", 303, HTML, {"Location": path}, cookies or {})


def status_of(error: HiveError) -> int:
    """The HTTP status of an error."""
    return STATUS[error.code]
