"""The cookies of the site: their names here, and the names and lifetimes that a browser sees."""

from web.http.auth import SESSION_SECONDS

SESSION = "session"
THEME = "hive_theme"
LAST_READ_MAIL = "hive_seen"
DISMISSED_NOTICES = "hive_noticed"

YEAR_SECONDS = 365 * 24 * 3600
ATTRIBUTES = {"path": "/", "httponly": True, "samesite": "strict"}


def browser_name(name: str, port: int) -> str:
    """The name in the browser. The session's contains the port: two hives on one host share their cookies otherwise."""
    return f"hive_session_{port}" if name == SESSION else name


def max_age(name: str) -> int:
    """How many seconds the browser keeps the cookie."""
    return SESSION_SECONDS if name == SESSION else YEAR_SECONDS
