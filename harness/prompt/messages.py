"""How mail looks to Claude: one element per message, with the sender as the hive has proven it. Pure."""

from collections.abc import Sequence
from enum import StrEnum

from harness.wire.agent_api import Message
from harness.wire.names import MANAGER, OPERATOR, REMINDER, SYSTEM, broker_name, check_agent_name


class Writer(StrEnum):
    """Who wrote a message, as the socket that it came through proves."""

    OPERATOR = "operator"
    MANAGER = "manager"
    PEER = "peer"
    SYSTEM = "system"
    OUTSIDE = "outside"


def writer_of(sender: str) -> Writer:
    """Who a sender's name stands for. A name that no agent can have came from outside the hive."""
    known = {OPERATOR: Writer.OPERATOR, MANAGER: Writer.MANAGER, SYSTEM: Writer.SYSTEM, REMINDER: Writer.SYSTEM}
    name = broker_name(sender)
    if name in known:
        return known[name]
    try:
        check_agent_name(name)
    except ValueError:
        return Writer.OUTSIDE
    return Writer.PEER


def render_message(message: Message) -> str:
    """One message as Claude reads it. The body cannot close its own element nor open another one."""
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


def render_mail(messages: Sequence[Message], *, remaining: int) -> str:
    """The result of the tools that return messages; `remaining` more are queued."""
    if not messages:
        return "(empty)"
    parts = [render_message(message) for message in messages]
    if remaining > 0:
        parts.append(f"(+{remaining} more queued.)")
    return "\n\n".join(parts)
