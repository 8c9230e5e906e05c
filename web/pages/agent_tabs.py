"""The tabs beside an agent's turn log: inbox, loose ends, configuration, journal, stats."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.wire import names
from harness.wire.errors import HiveError, not_found
from harness.wire.limits import DEFAULT_LOG_LINES, MAX_LOG_LINES
from harness.wire.operator_rows import AgentRow
from web.app import WebApp
from web.daemon import topics
from web.daemon.listed import omitted
from web.http import urls
from web.http.request import HttpRequest
from web.pages import config
from web.presentation import titles
from web.presentation.decision_state import is_pending
from web.templating import Markup

MAILS, MAX_MAILS = 30, 200
TURNS, TOOLS = 20, 5
QUERY = ("tab", "before", "mails", "lines")
"""What the query says of the tab: which one, and how much of it."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab; an event on one of the topics of its agent causes a refresh."""

    key: str
    title: titles.Title
    template: str
    fetch: Callable[[WebApp, HttpRequest, AgentRow], Mapping[str, Any]]
    topics: Callable[[str], tuple[str, ...]]


def render(app: WebApp, request: HttpRequest, row: AgentRow) -> Markup:
    """The tab that the query names, with its error where it cannot be read."""
    wanted = request.query.get("tab", TABS[0].key)
    tab = next((tab for tab in TABS if tab.key == wanted), None)
    if tab is None:
        raise not_found(f"tab {wanted!r}", f"the tabs are: {', '.join(tab.key for tab in TABS)}")
    error = body = None
    try:
        body = app.templates.render(tab.template, request=request, row=row, **tab.fetch(app, request, row))
    except HiveError as refusal:
        error = refusal
    own = {"tab": tab.key, **{key: request.query[key] for key in QUERY[1:] if request.query.get(key)}}
    refresh = urls.agent_part(names.container_name(row.name), "tab", **own)
    shown = {"row": row, "tab": tab, "tabs": TABS, "topics": tab.topics(row.name), "body": body, "error": error}
    return app.templates.render("agent/tab", request=request, keys=QUERY, refresh=refresh, **shown)


def inbox(app: WebApp, request: HttpRequest, row: AgentRow) -> Mapping[str, Any]:
    """The last messages from and to the agent, or the page of them before the id `before`."""
    limit, before = request.number("mails", MAILS, 1, MAX_MAILS), request.optional_number("before")
    agent = names.broker_name(row.name)
    mails = app.rows.messages(limit=limit, before=before, party=agent).value
    older = app.rows.messages(limit=1, before=mails[0].id, party=agent).value if mails else []
    return {"mails": mails, "older": mails[0].id if older else None, "newest": before is None}


def loose_ends(app: WebApp, request: HttpRequest, row: AgentRow) -> Mapping[str, Any]:  # noqa: ARG001
    """The agent's pending questions, reminders and approvals."""
    agent = names.broker_name(row.name)
    questions, reminders, approvals = app.rows.questions(), app.rows.reminders(), app.rows.approvals()
    return {
        "omitted": questions.omitted + reminders.omitted + approvals.omitted,
        "questions": [
            question
            for question in questions.value
            if question.status == "pending"
            and agent in (names.broker_name(question.asker), names.broker_name(question.target))
        ],
        "reminders": [reminder for reminder in reminders.value.reminders if names.broker_name(reminder.agent) == agent],
        "approvals": [
            approval
            for approval in approvals.value
            if names.broker_name(approval.agent) == agent and is_pending(approval)
        ],
    }


def configuration(app: WebApp, request: HttpRequest, row: AgentRow) -> Mapping[str, Any]:  # noqa: ARG001
    """The configuration in force."""
    return {"name": names.container_name(row.name), **config.in_force(app, row.name)}


def journal(app: WebApp, request: HttpRequest, row: AgentRow) -> Mapping[str, Any]:
    """The last lines of the agent's own log."""
    return {"lines": app.rows.journal(row.name, request.number("lines", DEFAULT_LOG_LINES, 1, MAX_LOG_LINES))}


def stats(app: WebApp, request: HttpRequest, row: AgentRow) -> Mapping[str, Any]:  # noqa: ARG001
    """The last turns, newest first, the tools used most in them, and the sums since the harness was started."""
    turns = app.rows.turns(row.name).value
    tools: dict[str, int] = {}
    for turn in turns:
        for tool, count in (turn.stats.get("tools") or {}).items():
            tools[str(tool)] = tools.get(str(tool), 0) + int(count)
    newest = sorted(turns, key=lambda turn: str(turn.stats.get("ended_at")), reverse=True)
    most = sorted(tools.items(), key=lambda pair: -pair[1])[:TOOLS]
    boot = app.rows.since_boot(row.name) if row.role != "peer" else None
    return {"turns": newest[:TURNS], "tools": most, "boot": boot, "omitted": omitted(turns)}


def hosts(app: WebApp, request: HttpRequest, row: AgentRow) -> Mapping[str, Any]:  # noqa: ARG001
    """The hosts that the agent talked to, or tried to."""
    return {"hosts": app.rows.hosts(row.name)}


def terminals(app: WebApp, request: HttpRequest, row: AgentRow) -> Mapping[str, Any]:  # noqa: ARG001
    """The terminals in the agent's container, open ones and recordings."""
    return {"terminals": app.terminals.rows(row.name)}


TABS: tuple[Tab, ...] = (
    Tab("inbox", titles.AGENT_INBOX, "agent/inbox", inbox, lambda name: (topics.mail_of(name),)),
    Tab(
        "loose",
        titles.LOOSE_ENDS,
        "agent/loose_ends",
        loose_ends,
        lambda _: (topics.QUESTIONS, topics.REMINDERS, topics.APPROVALS),
    ),
    Tab("config", titles.CONFIG, "config/in_force", configuration, topics.configuration_of),
    Tab("journal", titles.JOURNAL, "agent/journal", journal, lambda _: ()),
    Tab("stats", titles.STATS, "agent/stats", stats, lambda name: (topics.turns_of(name),)),
    Tab("terminal", titles.TERMINAL, "agent/terminals", terminals, lambda _: (topics.TERMINALS,)),
    Tab("hosts", titles.TALKED_TO, "agent/hosts", hosts, lambda _: ()),
)
"""A new tab is one function and one line here."""
