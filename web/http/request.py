"""One HTTP request as a page sees it: decoded, checked, and free of the web framework."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from harness.wire.errors import bad_request
from web.http.auth import Session
from web.http.preferences import Preferences
from web.http.site import NameKind


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What the browser sent."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    address: str
    now_ms: int
    form_lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The form again, with every value of a field that occurs more than once."""
    host: str = ""
    """The Host header."""
    name: NameKind | None = None
    """What the name in the Host header is good for; None for a name that is not this server's."""
    user_agent: str = ""
    session: Session | None = None
    preferences: Preferences = field(default_factory=Preferences)
    diff_layout: str = ""
    """The layout of differences that this browser used last."""
    htmx: bool = False
    accepts_page: bool = False
    """Whether the client takes HTML, as browsers do and programs do not."""
    last_event_id: str | None = None
    if_none_match: str | None = None
    return_path: str = "/"
    """The path of this site to which a plain form returns."""
    dismissed_ms: int = 0
    """The moment (ms UTC) up to which notices are dismissed in this browser."""
    seq: int = 0
    """The position of the event stream before the page read any row: the page's live stream starts there."""
    epoch: str = ""

    @property
    def csrf(self) -> str:
        """The token of forms; empty without a session."""
        return self.session.csrf if self.session else ""

    @property
    def plain(self) -> bool:
        """Whether the reader chose ordinary headings."""
        return self.preferences.words == "plain"

    @property
    def page(self) -> tuple[str, Mapping[str, str]]:
        """The path and the query of the page in the browser: of this request, or of the page that it is a part of."""
        if not self.htmx:
            return self.path, self.query
        path, _, query = self.return_path.partition("?")
        return path, dict(parse_qsl(query))

    def number(self, key: str, default: int, lowest: int, highest: int) -> int:
        """A whole number from the query, clamped to its range; `bad_request` for any other text."""
        raw = self.query.get(key)
        if raw is None:
            return default
        if not raw.isdecimal() or len(raw) > 18:
            raise bad_request(f"{key} is a whole number, not {raw[:40]!r}")
        return max(lowest, min(highest, int(raw)))

    def optional_number(self, key: str) -> int | None:
        """A whole number from the query, or None when the query does not have the key."""
        return self.number(key, 0, 0, 2**63 - 1) if key in self.query else None


def row_id(text: str) -> int:
    """The id of a row, from a path; `bad_request` for any other text. Ids on the wire are 64 bits wide."""
    if not text.isascii() or not text.isdecimal() or int(text) >= 2**63:
        raise bad_request(f"{text[:40]!r} is not the number of a row")
    return int(text)
