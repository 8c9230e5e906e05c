"""From what happened in the hive to the parts of a page that show it. Pure.

A page's section names the topics it shows; a notice over the live stream names the topics that changed.
"""

from harness.wire import names
from harness.wire.operator_rows import OperatorEvent

AGENTS = "agents"
FLOW = "flow"
INBOX = "inbox"
TREE = "tree"
APPROVALS = "approvals"
QUESTIONS = "questions"
REMINDERS = "reminders"
TOMBSTONES = "tombstones"
DRAFTS = "drafts"
NOTICES = "notices"
TURNS = "turns"
EVERYTHING = "*"
"""After a gap: all that is shown is read again."""

_BY_KIND: dict[str, frozenset[str]] = {
    "agent": frozenset({AGENTS}),
    "agent_removed": frozenset({AGENTS, TOMBSTONES}),
    "message": frozenset({FLOW, AGENTS}),
    "delivered": frozenset({AGENTS}),
    "acked": frozenset({AGENTS}),
    "turn": frozenset({AGENTS, TURNS}),
    "approval": frozenset({APPROVALS, NOTICES}),
    "question": frozenset({QUESTIONS, NOTICES}),
    "reminder": frozenset({REMINDERS, AGENTS}),
    "tombstones": frozenset({TOMBSTONES}),
    "drafts": frozenset({DRAFTS}),
    "actor": frozenset({TREE}),
    "notice": frozenset({NOTICES}),
}


def log_of(agent: str) -> str:
    """The topic of one agent's turn log."""
    return f"log:{names.container_name(agent)}"


def row_of(agent: str) -> str:
    """The topic of one agent's own row."""
    return f"agent:{names.container_name(agent)}"


def mail_of(name: str) -> str:
    """The topic of one recipient's mail."""
    return f"mail:{names.container_name(name)}"


def turns_of(agent: str) -> str:
    """The topic of one agent's finished turns."""
    return f"turns:{names.container_name(agent)}"


def config_of(agent: str) -> str:
    """The topic of one agent's configuration: what is proposed, decided and in force."""
    return f"config:{names.container_name(agent)}"


def changed_by(event: OperatorEvent) -> frozenset[str]:
    """What has to be read again after `event`. A kind this version does not know changes everything."""
    if event.kind == "live":
        return frozenset({log_of(str(event.data.get("agent", "")))})
    topics = _BY_KIND.get(event.kind)
    if topics is None:
        return frozenset({EVERYTHING})
    return topics | _of_one_agent(event)


def _of_one_agent(event: OperatorEvent) -> frozenset[str]:
    data = event.data
    match event.kind:
        case "agent" | "agent_removed":
            return frozenset({row_of(str(data.get("name", "")))})
        case "turn":
            agent = str(data.get("agent", ""))
            return frozenset({row_of(agent), turns_of(agent)})
        case "approval":
            return frozenset({config_of(str(data.get("agent", "")))})
        case "message":
            to, sender = str(data.get("to", "")), str(data.get("from", ""))
            inbox = {INBOX} if names.OPERATOR in (to, names.BROADCAST) else set()
            return frozenset({mail_of(to), mail_of(sender), row_of(to), *inbox})
        case "delivered" | "acked":
            to = str(data.get("to", ""))
            return frozenset({mail_of(to), row_of(to)})
        case _:
            return frozenset()
