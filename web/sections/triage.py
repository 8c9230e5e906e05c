"""◆ N33DS Y0U: the ranked list of what needs the operator, and beside it the chosen item with all it takes to decide.

The item is the `need` of the query, else the first. Both sections repeat it in their refresh, so that no item moves
under the operator's hands when another one becomes more urgent.
"""

from collections.abc import Callable, Mapping
from typing import Any

from harness.wire.agent_api import Message
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.limits import MAX_LABEL_CHARACTERS
from harness.wire.needs import Need, NeedKind
from harness.wire.operator_rows import AgentRow
from web.app import WebApp
from web.daemon import topics
from web.http import urls
from web.http.request import HttpRequest
from web.presentation import login, titles
from web.sections import review
from web.sections.action_list import read_action_list
from web.sections.containers import agent_item
from web.sections.section import Section

THREAD = 6
"""Messages around a question or a mail."""
LOG_LINES = 40
AGENT_KINDS = frozenset({
    NeedKind.SUSPENDED, NeedKind.FAILED, NeedKind.STUCK, NeedKind.FAILING, NeedKind.DEGRADED, NeedKind.LIMITED,
})  # fmt: skip


def items(app: WebApp, request: HttpRequest) -> Section:
    """The list."""

    def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
        found = read_action_list(app)
        chosen = found.chosen(request)
        path, shown = request.page
        return {
            "items": found.items,
            "snoozed": found.snoozed,
            "failed": found.failed,
            "current": None if chosen is None else chosen.key,
            "to": lambda key: urls.with_query(path, **{**shown, "need": key}),
            "stale": found.stale,
            "omitted": found.omitted,
        }

    return Section(
        "needs", titles.ACTION_ITEMS, "triage/items", topics.NEEDS, fetch, refresh_url=_pinned(app, request, "needs")
    )


def item(app: WebApp, request: HttpRequest) -> Section:
    """The chosen item. What it shows decides which events make it stale."""
    need = _chosen(app, request)

    def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
        found = read_action_list(app)
        fresh = found.chosen(request)
        shown = {"need": fresh, "gone": bool(request.query.get("need")), "snoozed": False}
        if fresh is None:
            return {**shown, "row": None, "part": "", "more": {}}
        row = _row(app, fresh)
        part, more = _content(app, request, fresh, row)
        return {**shown, "snoozed": fresh in found.snoozed, "row": row, "part": part, "more": more}

    return Section(
        "need",
        titles.ACTION_ITEMS,
        "triage/need",
        _topics(need),
        fetch,
        frame="triage/frame",
        frame_values={"key": request.query.get("need") or ("" if need is None else need.key)},
        refresh_url=_pinned(app, request, "need"),
    )


BY_NAME: Mapping[str, Callable[[WebApp, HttpRequest], Section]] = {"needs": items, "need": item}


def _chosen(app: WebApp, request: HttpRequest) -> Need | None:
    """None also where it cannot be read: the section itself shows the error."""
    try:
        return read_action_list(app).chosen(request)
    except HiveError:
        return None


def _pinned(app: WebApp, request: HttpRequest, name: str) -> str:
    need = _chosen(app, request)
    return urls.section(name, need=request.query.get("need") or (None if need is None else need.key))


def _topics(need: Need | None) -> tuple[str, ...]:
    """A review refreshes itself; what an operator types an answer into changes only with its question."""
    if need is None:
        return topics.NEEDS
    if need.approval is not None:
        return ()
    if need.question is not None:
        return (topics.QUESTIONS, topics.PUT_OFF)
    own = {
        NeedKind.MAIL: topics.INBOX,
        NeedKind.DEAD_LETTER: topics.DEAD_LETTERS,
        NeedKind.UNREADABLE: topics.QUARANTINE,
    }.get(need.kind, topics.row_of(need.agent))
    return (own, topics.PUT_OFF)


def _row(app: WebApp, need: Need) -> AgentRow | None:
    """The agent's row; None for one that has no row: a row of a table, a sender outside."""
    try:
        return app.rows.agent(need.agent).value
    except HiveError as error:
        if error.code is ErrorCode.UNAVAILABLE:
            raise
        return None


def _content(app: WebApp, request: HttpRequest, need: Need, row: AgentRow | None) -> tuple[str, Mapping[str, Any]]:
    """The template of the item's kind, and what it shows."""
    if need.approval is not None:
        return "approval", {"review": review.rendered(app, request, need.approval.id), "unread": _is_unread(app, need)}
    if need.question is not None:
        return "question", {"thread": _thread(app, need)}
    if need.kind in (NeedKind.LOGIN, NeedKind.LOGIN_ENDS):
        return "login", {"login": None if row is None else login.form(row, request.now_ms)}
    if need.kind is NeedKind.MAIL:
        return "mail", {"thread": _thread(app, need)}
    if need.kind is NeedKind.DEAD_LETTER:
        dead = [one for one in app.rows.dead_letters().value if one.id in need.mail_ids]
        return "dead_letter", {"dead": dead[0] if dead else None}
    if need.kind is NeedKind.UNREADABLE:
        return "unreadable", {}
    lines, failure = _log(app, need)
    return "agent", {
        "item": None if row is None else agent_item(app, row, request.now_ms),
        "lines": lines,
        "failure": failure,
        "requests": app.rows.kept_requests(need.agent) if need.kind is NeedKind.SUSPENDED else [],
    }


def _is_unread(app: WebApp, need: Need) -> bool:
    """Whether the review of a proposal cannot be read: it can be denied all the same."""
    try:
        if need.approval is not None:
            app.rows.review(need.approval)
    except HiveError:
        return True
    return False


def _thread(app: WebApp, need: Need) -> list[Message]:
    """The last messages of who asks or writes, oldest first: what it is about."""
    try:
        return app.rows.messages(limit=THREAD, party=need.agent[:MAX_LABEL_CHARACTERS]).value
    except HiveError as error:
        if error.code is ErrorCode.UNAVAILABLE:
            raise
        return []


def _log(app: WebApp, need: Need) -> tuple[list[str], HiveError | None]:
    """The end of the agent's log; that it cannot be read spares the rest."""
    try:
        return app.rows.journal(need.agent, LOG_LINES), None
    except HiveError as error:
        if error.code is ErrorCode.UNAVAILABLE:
            raise
        return [], error
