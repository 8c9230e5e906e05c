"""The cookies of the site: their names here, and the names and lifetimes that a browser sees."""

from typing import Any

from web.http.site import NameKind

SESSION = "session"
THEME = "hive_theme"
LAST_READ_MAIL = "hive_seen"
DISMISSED_NOTICES = "hive_noticed"

YEAR_SECONDS = 365 * 24 * 3600
ATTRIBUTES = {"path": "/", "httponly": True, "samesite": "strict"}


def browser_name(name: str, kind: NameKind | None) -> str:
    """The name in the browser. `__Host-` makes the browser refuse the cookie from any other host and without TLS."""
    if name != SESSION:
        return name
    return "__Host-hive_session" if kind is NameKind.TLS else "hive_session"


def attributes(name: str, kind: NameKind | None) -> dict[str, Any]:
    """The attributes of the cookie. A session's ends with the browser, or when the hive ends it."""
    if name == SESSION:
        return ATTRIBUTES | ({"secure": True} if kind is NameKind.TLS else {})
    return ATTRIBUTES | {"max_age": YEAR_SECONDS}
