"""The words the harness says to Claude: the system prompt and what wakes it. Pure, but for reading the templates."""

from collections.abc import Sequence
from enum import StrEnum
from importlib import resources

from harness.settings import Settings
from harness.wire.agent_api import Message
from harness.wire.limits import MAX_BATCH, MAX_WAIT_SECONDS
from harness.wire.names import MANAGER, OPERATOR, REMINDER, SYSTEM, broker_name, check_agent_name

NOTES_SHOWN = 16_000
"""Characters of the notes that a fresh session is given; the rest it reads itself."""

CHECKPOINT = (
    "Your context is about to be compacted. Write what must survive into notes.md in your working directory now: "
    "decisions, open promises, where things are. Send nothing to anybody. Then end the turn."
)


class Writer(StrEnum):
    """Who wrote a message, as the socket it came through proves."""

    OPERATOR = "operator"
    MANAGER = "manager"
    PEER = "peer"
    SYSTEM = "system"
    OUTSIDE = "outside"


def writer_of(sender: str) -> Writer:
    """The provenance of a sender's name. What is no name an agent could have came in from outside."""
    known = {OPERATOR: Writer.OPERATOR, MANAGER: Writer.MANAGER, SYSTEM: Writer.SYSTEM, REMINDER: Writer.SYSTEM}
    name = broker_name(sender)
    if name in known:
        return known[name]
    try:
        check_agent_name(name)
    except ValueError:
        return Writer.OUTSIDE
    return Writer.PEER


def render(message: Message) -> str:
    """One message as Claude reads it. The body can not close its own frame nor open another one."""
    attributes = {
        "id": str(message.id),
        "from": message.from_,
        "written-by": writer_of(message.from_).value,
        "sent": message.sent_at,
    }
    if message.in_reply_to is not None:
        attributes["in-reply-to"] = str(message.in_reply_to)
    if message.broadcast:
        attributes["broadcast"] = "true"
    if message.redelivered:
        attributes["redelivered"] = "true"
    head = " ".join(f'{key}="{_attribute(value)}"' for key, value in attributes.items())
    body = message.body.replace("<message", "&lt;message").replace("</message", "&lt;/message")
    return f"<message {head}>\n{body}\n</message>"


def _attribute(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace("\n", " ")


def wake(messages: Sequence[Message], *, remaining: int, notes: str | None = None) -> str:
    """The prompt of a turn. `remaining` more are queued; `notes` are given where a session starts without memory."""
    parts = []
    if notes is not None:
        parts.append(_reminded(notes))
    if any(message.redelivered for message in messages):
        parts.append("(Offered again after a turn that did not end well: it may already be handled, in part or whole.)")
    if any(message.broadcast for message in messages):
        parts.append("(Sent to everybody: it may need nothing from you.)")
    parts += [render(message) for message in messages]
    if remaining > 0:
        parts.append(
            f"(+{remaining} more queued; consider draining before acting: recv with max={min(MAX_BATCH, remaining)}.)"
        )
    return "\n\n".join(parts)


def _reminded(notes: str) -> str:
    if not notes.strip():
        return "(This is a fresh session: you remember nothing of earlier ones, and notes.md is empty.)"
    cut = notes[:NOTES_SHOWN]
    more = "\n… (cut; the rest is in the file)" if len(notes) > NOTES_SHOWN else ""
    text = cut.replace("</notes", "&lt;/notes")
    head = "(This is a fresh session: you remember nothing of earlier ones. Your notes.md says:)"
    return f"{head}\n<notes>\n{text}{more}\n</notes>"


def received(messages: Sequence[Message], *, remaining: int) -> str:
    """What the recv tool answers."""
    if not messages:
        return "(empty)"
    parts = [render(message) for message in messages]
    if remaining > 0:
        parts.append(f"(+{remaining} more queued.)")
    return "\n\n".join(parts)


def system_prompt(settings: Settings) -> str:
    """The role's template from `prompts/` with this agent's places in it; the configuration's own words at its end."""
    template = resources.files("prompts").joinpath("manager.md" if settings.is_manager else "agent.md")
    own = settings.config.prompt
    values = {
        "name": settings.name,
        "state_dir": str(settings.state_dir),
        "config_dir": str(settings.config_dir),
        "agents_dir": str(settings.agents_dir or settings.config_dir.parent),
        "shared_dir": str(settings.shared_dir),
        "notes_limit": str(settings.config.notes_limit_bytes),
        "max_wait_seconds": str(MAX_WAIT_SECONDS),
        "prompt": f"\n# Your role\n{own}" if own else "",
    }
    text = template.read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value)
    return text.rstrip() + "\n"
