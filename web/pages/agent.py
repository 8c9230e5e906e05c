"""`/agent/<name>/`: one agent's live turn log, its state, its mail, its journal, and the line to talk to it."""

from collections.abc import Callable, Mapping
from typing import Any

from harness.wire import names
from harness.wire.errors import HiveError, not_found
from harness.wire.limits import DEFAULT_LOG_LINES, MAX_LOG_LINES
from harness.wire.operator_rows import AgentRow
from web import section as sections_
from web import slash, standing, topics, turnlog, urls, words
from web.pages import config, layout
from web.section import Section
from web.sections import containers
from web.services import Services
from web.visit import Answer, Visit

MODELS = ("haiku", "sonnet", "opus")
Tab = tuple[str, words.Title, str, Callable[[Services, Visit, AgentRow], Mapping[str, Any]]]


def show(services: Services, visit: Visit, name: str) -> Answer:
    """The whole page; `tab` chooses what stands beside the log."""
    row = services.reads.agent(name).value
    return layout.page(
        services,
        visit,
        "agent",
        title=f"{names.container_name(row.name)} · hive",
        styles=("agent.css", "table.css", "decisions.css"),
        agent=row.name,
        row=row,
        head=sections_.render(services, head_of(row), visit),
        log=_log(services, row),
        tab=_tab(services, visit, row),
        commands=slash.COMMANDS,
        log_topic=topics.log_of(row.name),
    )


def head_of(row: AgentRow) -> Section:
    """The agent's header as a section of its own, because it changes with every turn."""

    def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
        known = services.reads.agent(row.name)
        shown = containers.item(services, known.value, visit.now_ms)
        models = dict.fromkeys([*([known.value.active_model] if known.value.active_model else []), *MODELS])
        return {"item": shown, "models": list(models), "stale": known.as_of_ms if known.stale else None}

    title = words.Title(names.container_name(row.name), names.container_name(row.name))
    refresh = urls.agent_part(row.name, "head")
    return Section("agent-head", title, "agent_head", (topics.row_of(row.name),), fetch, frame="unheaded", at=refresh)


def head(services: Services, visit: Visit, name: str) -> Answer:
    """`/agent/<name>/head`: the header afresh."""
    return sections_.answer(services, head_of(services.reads.agent(name).value), visit)


def log_rows(services: Services, visit: Visit, name: str) -> Answer:
    """`/agent/<name>/log/rows`: what happened after an id; the header tells the id to ask on from."""
    row = services.reads.agent(name).value
    after = visit.optional_number("after") or 0
    before = visit.optional_number("before")
    records = services.reads.live(row.name, before=before) if before else services.reads.live_after(row.name, after)
    body = services.templates.render("log_rows", visit=visit, rows=turnlog.rows(records))
    return Answer(body, headers={"X-Last-Id": str(max(after, turnlog.last_id(records)))})


def tab(services: Services, visit: Visit, name: str) -> Answer:
    """`/agent/<name>/tab`: what stands beside the log, afresh."""
    return Answer(_tab(services, visit, services.reads.agent(name).value)["body"])


def journal_panel(services: Services, visit: Visit, name: str) -> Answer:
    """`/panel/journal/<name>`: the journal for the panel at the right of any page."""
    row = services.reads.agent(name).value
    values = _journal(services, visit, row)
    return Answer(services.templates.render("journal_panel", visit=visit, row=row, **values))


def _log(services: Services, row: AgentRow) -> Mapping[str, Any]:
    try:
        records = services.reads.live(row.name)
    except HiveError as error:
        return {"rows": [], "last": 0, "error": error}
    return {"rows": turnlog.rows(records), "last": turnlog.last_id(records), "error": None}


def _inbox(services: Services, visit: Visit, row: AgentRow) -> Mapping[str, Any]:
    mine = names.broker_name(row.name)
    known = services.reads.messages_after(0)
    mails = [mail for mail in known if mine in (names.broker_name(mail.to), names.broker_name(mail.from_))]
    return {"mails": mails[-visit.number("mails", 30, 1, 200) :]}


def _journal(services: Services, visit: Visit, row: AgentRow) -> Mapping[str, Any]:
    lines = visit.number("lines", DEFAULT_LOG_LINES, 1, MAX_LOG_LINES)
    return {"lines": services.reads.journal(row.name, lines), "asked": lines}


def _stats(services: Services, visit: Visit, row: AgentRow) -> Mapping[str, Any]:  # noqa: ARG001
    turns = services.reads.turns(row.name).value
    tools: dict[str, int] = {}
    for turn in turns:
        for tool, count in (turn.stats.get("tools") or {}).items():
            tools[str(tool)] = tools.get(str(tool), 0) + int(count)
    top = sorted(tools.items(), key=lambda pair: -pair[1])[:5]
    return {"turns": sorted(turns, key=lambda turn: str(turn.stats.get("ended_at")), reverse=True)[:20], "tools": top}


def _loose_ends(services: Services, visit: Visit, row: AgentRow) -> Mapping[str, Any]:  # noqa: ARG001
    mine = names.broker_name(row.name)
    asked = [one for one in services.reads.questions().value if one.status == "pending"]
    return {
        "questions": [one for one in asked if mine in (names.broker_name(one.asker), names.broker_name(one.target))],
        "reminders": [
            one for one in services.reads.reminders().value.reminders if names.broker_name(one.agent) == mine
        ],
        "approvals": [
            one
            for one in services.reads.approvals().value
            if names.broker_name(one.agent) == mine and standing.is_pending(one)
        ],
    }


def _config(services: Services, visit: Visit, row: AgentRow) -> Mapping[str, Any]:  # noqa: ARG001
    return {"name": names.container_name(row.name), **config.applied(services, row.name)}


TABS: tuple[Tab, ...] = (
    ("inbox", words.AGENT_INBOX, "agent_inbox", _inbox),
    ("loose", words.LOOSE_ENDS, "agent_loose", _loose_ends),
    ("config", words.CONFIG, "config_applied", _config),
    ("journal", words.JOURNAL, "journal", _journal),
    ("stats", words.STATS, "agent_stats", _stats),
)
"""Key, heading, template, fetch. A new tab is one line here."""

WATCHED: dict[str, Callable[[str], tuple[str, ...]]] = {
    "inbox": lambda name: (topics.mail_of(name),),
    "loose": lambda _: (topics.QUESTIONS, topics.REMINDERS, topics.APPROVALS),
    "config": lambda name: (topics.config_of(name), topics.row_of(name)),
    "stats": lambda name: (topics.turns_of(name),),
}
"""What makes a tab be read again, by the agent's name."""


def _tab(services: Services, visit: Visit, row: AgentRow) -> Mapping[str, Any]:
    wanted = visit.query.get("tab", TABS[0][0])
    found = next((tab for tab in TABS if tab[0] == wanted), None)
    if found is None:
        raise not_found(f"tab {wanted!r}", f"there are: {', '.join(tab[0] for tab in TABS)}")
    key, title, template, fetch = found
    watched = WATCHED[key](row.name) if key in WATCHED else ()
    error = body = None
    try:
        body = services.templates.render(template, visit=visit, row=row, **fetch(services, visit, row))
    except HiveError as refusal:
        error = refusal
    frame = services.templates.render(
        "agent_tab", visit=visit, row=row, key=key, title=title, tabs=TABS, topics=watched, body=body, error=error
    )
    return {"key": key, "body": frame}
