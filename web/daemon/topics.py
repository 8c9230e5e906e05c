"""The topics that an event changes: what a page has to read again. Pure.

A section names the topics that it shows; the live stream names the topics that changed.
"""

from collections.abc import Iterable

from harness.wire import names
from harness.wire.operator_rows import OperatorEvent

AGENTS = "agents"
"""Any of the agents, for what sums them up."""
ALL_AGENTS = "all-agents"
"""All agents, or some that the event does not name."""
FLOW = "flow"
INBOX = "inbox"
TREE = "tree"
APPROVALS = "approvals"
QUESTIONS = "questions"
REMINDERS = "reminders"
DEAD_LETTERS = "dead-letters"
QUARANTINE = "quarantine"
TOMBSTONES = "tombstones"
DRAFTS = "drafts"
NOTICES = "notices"
TURNS = "turns"
SESSIONS = "sessions"
TERMINALS = "terminals"
PUT_OFF = "put-off"
"""What of N33DS Y0U is put off."""
NEEDS = (AGENTS, INBOX, APPROVALS, QUESTIONS, DEAD_LETTERS, QUARANTINE, PUT_OFF)
"""What N33DS Y0U is made of."""
EVERYTHING = "*"
"""The topic of a gap: everything on the page is read again."""

_BY_KIND: dict[str, frozenset[str]] = {
    "agent": frozenset({AGENTS}),
    "agent_removed": frozenset({AGENTS, TOMBSTONES}),
    "suspension": frozenset({AGENTS}),
    "message": frozenset({FLOW}),
    "delivered": frozenset(),
    "acked": frozenset(),
    "mail_read": frozenset({INBOX}),
    "dead_letter": frozenset({AGENTS, DEAD_LETTERS}),
    "turn": frozenset({AGENTS, TURNS}),
    "approval": frozenset({APPROVALS, NOTICES}),
    "question": frozenset({QUESTIONS, NOTICES}),
    "review": frozenset(),
    "reminder": frozenset({REMINDERS, AGENTS}),
    "quarantine": frozenset({QUARANTINE, AGENTS}),
    "needs": frozenset({PUT_OFF}),
    "tombstones": frozenset({TOMBSTONES}),
    "drafts": frozenset({DRAFTS}),
    "actor": frozenset({TREE}),
    "notice": frozenset({NOTICES}),
    "terminal": frozenset({TERMINALS}),
    "session": frozenset({SESSIONS}),
    "session_ended": frozenset({SESSIONS}),
}


_ROW = "agent:"


def log_of(agent: str) -> str:
    """The topic of one agent's turn log."""
    return f"log:{names.container_name(agent)}"


def row_of(agent: str) -> str:
    """The topic of one agent's own row."""
    return f"{_ROW}{names.container_name(agent)}"


def mail_of(name: str) -> str:
    """The topic of one recipient's mail."""
    return f"mail:{names.container_name(name)}"


def turns_of(agent: str) -> str:
    """The topic of one agent's finished turns."""
    return f"turns:{names.container_name(agent)}"


def config_of(agent: str) -> str:
    """The topic of one agent's configuration: proposals, decisions and the commit in force."""
    return f"config:{names.container_name(agent)}"


def review_of(approval: object) -> str:
    """The topic of what is noted of one approval: comments, and marks of viewed files."""
    return f"review:{approval}"


def configuration_of(agent: str) -> tuple[str, ...]:
    """The topics that change what is in force for one agent. A rebuild of its row can do so without an approval."""
    return config_of(agent), row_of(agent)


def changed_by(event: OperatorEvent) -> frozenset[str]:
    """The topics to read again after `event`. A kind that this version does not know changes everything."""
    if event.kind == "live":
        return frozenset({log_of(str(event.data.get("agent", "")))})
    topics = _BY_KIND.get(event.kind)
    if topics is None:
        return frozenset({EVERYTHING})
    topics |= _of_one_agent(event)
    return topics | {ALL_AGENTS} if AGENTS in topics and not agents_in(topics) else topics


def agents_in(topics: Iterable[str]) -> set[str]:
    """The agents whose rows are among the topics."""
    return {topic.removeprefix(_ROW) for topic in topics if topic.startswith(_ROW)}


def _of_one_agent(event: OperatorEvent) -> frozenset[str]:
    data = event.data
    match event.kind:
        case "agent" | "agent_removed" | "suspension":
            return frozenset({row_of(str(data.get("name", "")))})
        case "review":
            return frozenset({review_of(data.get("id"))})
        case "turn":
            agent = str(data.get("agent", ""))
            return frozenset({row_of(agent), turns_of(agent)})
        case "approval":
            return frozenset({config_of(str(data.get("agent", "")))})
        case "message":
            to, sender = str(data.get("to", "")), str(data.get("from", ""))
            inbox = {INBOX} if names.OPERATOR in (to, names.BROADCAST) else set()
            return frozenset({mail_of(to), mail_of(sender), *_row_of_recipient(to), *inbox})
        case "reminder" if data.get("agent"):
            return frozenset({row_of(str(data["agent"]))})
        case "dead_letter" if data.get("to"):
            return frozenset({row_of(str(data["to"]))})
        case "delivered" | "acked":
            to = str(data.get("to", ""))
            return frozenset({mail_of(to), *_row_of_recipient(to)})
        case _:
            return frozenset()


def _row_of_recipient(name: str) -> set[str]:
    match name:
        case names.OPERATOR:
            return set()
        case names.BROADCAST:
            return {AGENTS}
        case _:
            return {AGENTS, row_of(name)}
