"""The cookies of the site: their names here, and the names and lifetimes that a browser sees."""

from typing import Any

from web.http.site import NameKind

SESSION = "session"
DIFF_LAYOUT = "hive_diff"
DISMISSED_NOTICES = "hive_noticed"

YEAR_SECONDS = 365 * 24 * 3600
"""How long a browser keeps a cookie. The hive ends a session earlier."""
ATTRIBUTES = {"path": "/", "httponly": True, "samesite": "strict"}


def browser_name(name: str, kind: NameKind | None) -> str:
    """The name in the browser. `__Host-` makes the browser refuse the cookie from any other host and without TLS."""
    if name != SESSION:
        return name
    return "__Host-hive_session" if kind is NameKind.TLS else "hive_session"


def attributes(name: str, kind: NameKind | None) -> dict[str, Any]:
    """The attributes of the cookie."""
    return ATTRIBUTES | ({"secure": True} if name == SESSION and kind is NameKind.TLS else {})
