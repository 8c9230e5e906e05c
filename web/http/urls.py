"""Every address of the site in one place, so that no template puts paths together."""

from urllib.parse import quote, urlencode

HOME = "/"
LOGIN = "/login"
LOGOUT = "/logout"
PREFERENCES = "/preferences"
SESSIONS = "/sessions"
END_OTHER_SESSIONS = "/end-other-sessions"
DECISIONS = "/decisions"
VERIFY = "/verify"
SEARCH = "/search"
KEYS = "/keys"
PALETTE = "/palette"
ACTORS = "/actors"
EVENTS = "/events"
SEND = "/op-send"
MAIL_READ = "/mail-read"
AGENT_ROWS = "/section/containers/rows"
FLOW_ROWS = "/section/flow/rows"
STATS = "/stats"
REBUILD_ALL = "/rebuild-all"
REQUEST_SPAWN = "/request-spawn"
MAKE_DRAFT = "/make-draft"
DROP_QUARANTINED = "/drop-quarantined"
SNOOZE_NEED = "/snooze-need"
WAKE_NEED = "/wake-need"
DELEGATE_NEED = "/delegate-need"
NOTICES_SEEN = "/notices-seen"
NOTIFICATIONS = "/api/needs"

PLACES = ((HOME, "dashboard"), (ACTORS, "actors"), (STATS, "stats"), (SEARCH, "search"), (DECISIONS, "decisions"))
"""The pages that the head of every page leads to."""


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _query(**values: object) -> str:
    given = {key: value for key, value in values.items() if value not in (None, "")}
    return f"?{urlencode(given)}" if given else ""


def with_query(path: str, **query: object) -> str:
    """`path` of this site with the values that are given."""
    return path + _query(**query)


def home(**query: object) -> str:
    return HOME + _query(**query)


def why(name: str) -> str:
    """The page that says what led to a row, which is named as in `turn:alice/5`."""
    return f"/why/{quote(name.replace(':', '/', 1))}"


def effects(name: str) -> str:
    """The page that says what came of it."""
    return f"/effects/{quote(name.replace(':', '/', 1))}"


def thread(number: int, **query: object) -> str:
    """The conversation of a message."""
    return f"/thread/{number}{_query(**query)}"


def search(**query: object) -> str:
    return SEARCH + _query(**query)


def section(name: str, **query: object) -> str:
    return f"/section/{_quoted(name)}{_query(**query)}"


def agent(name: str, **query: object) -> str:
    return f"/agent/{_quoted(name)}/{_query(**query)}"


def log_event(name: str, event: int) -> str:
    """The turn log of an agent from one event on."""
    return f"{agent(name, newer=max(event - 1, 0))}#e{event}"


def whole_event(name: str, event: int) -> str:
    """One event of a turn log with all that is kept of it."""
    return f"/agent/{_quoted(name)}/log/event/{event}"


def log_image(name: str, event: int, block: int, index: int) -> str:
    """An image in what a tool answered."""
    return f"/agent/{_quoted(name)}/log/image/{event}-{block}-{index}"


def agent_part(name: str, part: str, **query: object) -> str:
    """A fragment of an agent's page: head, log, log/rows, tab."""
    return f"/agent/{_quoted(name)}/{part}{_query(**query)}"


def agent_action(verb: str, name: str) -> str:
    """The address to which an action on one agent is posted."""
    return f"/{verb}/{_quoted(name)}"


def journal_panel(name: str) -> str:
    return f"/panel/journal/{_quoted(name)}"


def row_action(verb: str, number: int) -> str:
    """The address to which a decision on one approval, question or reminder is posted."""
    return f"/{verb}/{number}"


def approval(number: int, **query: object) -> str:
    """An approval with its diff, as a page or for the panel."""
    return f"/approval/{number}/{_query(**query)}"


def review(number: int, *, beside: bool, **query: object) -> str:
    """The review of an approval alone, for an open page; `beside`: for a page that shows more than it."""
    return f"/approval/{number}/{'beside' if beside else 'review'}{_query(**query)}"


def undo(number: int) -> str:
    """What the undo of an approval would do, with its confirmation."""
    return f"/approval/{number}/undo"


def approval_part(number: int, part: str, **query: object) -> str:
    """A part of an approval that its review does not show."""
    return f"/approval/{number}/part/{part}{_query(**query)}"


def config(name: str, **query: object) -> str:
    """The page of an agent's configuration repository."""
    return f"/config/{_quoted(name)}/{_query(**query)}"


def config_part(name: str, part: str, **query: object) -> str:
    """A part of the configuration page: view, log, tags, files."""
    return f"/config/{_quoted(name)}/{part}{_query(**query)}"


def kept_requests(name: str) -> str:
    """The requests of an agent over which something crashed."""
    return f"/kept-requests/{_quoted(name)}"


def config_panel(name: str) -> str:
    return f"/panel/config/{_quoted(name)}"


def open_terminal(agent_name: str) -> str:
    return f"/open-terminal/{_quoted(agent_name)}"


def terminal(id_: str, part: str = "") -> str:
    """The page of a terminal, or its `socket`, `recording` or `close`."""
    return f"/terminal/{_quoted(id_)}/{part}"


def is_live(path: str) -> bool:
    """Whether this address is a stream or a WebSocket, which other sites may not open although they only GET it."""
    return path == EVENTS or (path.startswith("/terminal/") and path.endswith("/socket"))


def stats(**query: object) -> str:
    return STATS + _query(**query)


def api(path: str) -> str:
    """The address of rows as JSON or text."""
    return f"/api/{path}"


def agent_rows(**query: object) -> str:
    """Some rows of the table of agents."""
    return AGENT_ROWS + _query(**query)


def flow_rows(**query: object) -> str:
    return FLOW_ROWS + _query(**query)


def events(agent_name: str | None = None) -> str:
    return EVENTS + _query(notices=1, agent=agent_name)


def local_path(target: str | None) -> str:
    """`target` when it is a path of this site, else home: a redirect never leaves the site."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return HOME
    return target if target.isprintable() else HOME
