"""How mail looks to Claude: one frame per message, with the sender as the hive has proven it."""

from collections.abc import Sequence
from enum import StrEnum

from harness.prompt.events import facts_and_quotes, read_event
from harness.prompt.frames import frame, join, new_key, quoted
from harness.wire.agent_api import Message, MessageKind
from harness.wire.names import MANAGER, OPERATOR, REMINDER, SELF, SYSTEM, broker_name, check_agent_name


class Writer(StrEnum):
    """Who wrote a message, as the socket that it came through proves."""

    OPERATOR = "operator"
    MANAGER = "manager"
    PEER = "peer"
    SYSTEM = "system"
    SELF = "self"
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


def written_by(message: Message) -> Writer:
    """Who wrote the body. Under `system` stands nothing that an agent wrote: a reminder is the recipient's own text."""
    sender = broker_name(message.from_)
    if sender in {REMINDER, broker_name(message.to)}:
        return Writer.SELF
    if sender == SYSTEM and message.kind is not MessageKind.KICK and read_event(message) is None:
        return Writer.OUTSIDE  # an event of another version: which of its words are the hive's is not known
    return writer_of(sender)


def render_message(message: Message, key: str) -> str:
    """One message as Claude reads it. The body cannot close its own frame nor open another one."""
    attributes = {
        "id": str(message.id),
        "from": message.from_,
        "written-by": written_by(message).value,
        "sent": message.sent_at,
    }
    if message.in_reply_to is not None:
        attributes["in-reply-to"] = str(message.in_reply_to)
    if message.broadcast:
        attributes["broadcast"] = "true"
    if message.redelivered:
        attributes["redelivered"] = "true"
    return frame("message", attributes, _content(message, key), key)


def _content(message: Message, key: str) -> str:
    event = read_event(message)
    if event is None:
        return quoted(message.body)
    facts, quotes = facts_and_quotes(event)
    parts = [quoted(facts)]
    for field, name, words in quotes:
        writer = Writer.SELF if name in {SELF, broker_name(message.to)} else writer_of(name)
        attributes = {"of": field, "from": name, "written-by": writer.value}
        parts.append(frame("quote", attributes, quoted(words), key))
    return "\n".join(parts)


def render_mail(messages: Sequence[Message], *, remaining: int, key: str | None = None) -> str:
    """The result of the tools that return messages; `remaining` more are queued. None: a new key."""
    if not messages:
        return "(empty)"
    key = key or new_key()
    parts = [render_message(message, key) for message in messages]
    if remaining > 0:
        parts.append(f"(+{remaining} more queued.)")
    return join(parts, key)
