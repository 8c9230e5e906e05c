"""The requests that Claude's tools make during a turn, and the mail they move.

Each request has a connection of its own: Claude calls tools side by side, and a waiting `recv` must hold up nothing.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from harness.daemon.client import ConnectionLost, call_once
from harness.prompt.messages import Writer, writer_of
from harness.wire.agent_api import Message, Recv, RecvReply, Send, SendReply
from harness.wire.model import Reply, Request


@dataclass(slots=True)
class MailCounts:
    """How much mail a turn sent and received, by the class of the correspondent."""

    sent: Counter[str] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)


class ToolCalls:
    """Carries out tool calls. `mail` and `recv_interrupted` are those of the current turn."""

    def __init__(self, path: Path, *, connect_timeout_seconds: float) -> None:
        self._path = path
        self._connect_timeout_seconds = connect_timeout_seconds
        self.mail = MailCounts()
        self.recv_interrupted = False
        """The reply to a `recv` was lost: it may have leased messages that nobody has seen. An ack would lose them."""

    def begin_turn(self, messages: list[Message]) -> None:
        """A turn starts with these messages."""
        self.mail = MailCounts(received=Counter(mail_class(message.from_) for message in messages))
        self.recv_interrupted = False

    async def ask(self, request: Request) -> Reply:
        """Send one request for Claude. Raises HiveError."""
        try:
            reply = await call_once(self._path, request, connect_timeout_seconds=self._connect_timeout_seconds)
        except (ConnectionLost, asyncio.CancelledError):
            self.recv_interrupted = self.recv_interrupted or isinstance(request, Recv)
            raise
        if isinstance(request, Send) and isinstance(reply, SendReply):
            self.mail.sent[mail_class(request.to)] += len(reply.recipients or [request.to])
        if isinstance(reply, RecvReply):
            self.mail.received.update(mail_class(message.from_) for message in reply.messages)
        return reply


def mail_class(name: str) -> str:
    """The class that a correspondent is counted under: operator, manager, system or peer."""
    writer = writer_of(name)
    return Writer.PEER.value if writer is Writer.OUTSIDE else writer.value
