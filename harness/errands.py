"""Carries out the tool calls of a turn and counts its mail.

Each call has a connection of its own: Claude calls tools side by side, and a waiting `recv` must hold up nothing.
"""

import asyncio
from collections import Counter
from pathlib import Path

from harness.client import ConnectionLost, call_once
from harness.prompt import Writer, writer_of
from harness.wire.agent_api import Message, Recv, RecvReply, Send, SendReply
from harness.wire.model import Reply, Request


class Errands:
    """The host as Claude reaches it during a turn."""

    def __init__(self, path: Path, *, patience: float) -> None:
        self._path = path
        self._patience = patience
        self.begin([])

    def begin(self, messages: list[Message]) -> None:
        """A turn starts with these messages in hand."""
        self.sent: Counter[str] = Counter()
        self.received: Counter[str] = Counter(mail_class(message.from_) for message in messages)
        self.uncertain = False
        """A recv broke off: messages may be leased to us that nobody has seen. An ack would lose them."""

    async def ask(self, request: Request) -> Reply:
        """Send one request for Claude."""
        try:
            reply = await call_once(self._path, request, patience=self._patience)
        except (ConnectionLost, asyncio.CancelledError):
            self.uncertain = self.uncertain or isinstance(request, Recv)
            raise
        if isinstance(request, Send) and isinstance(reply, SendReply):
            self.sent[mail_class(request.to)] += len(reply.recipients or [request.to])
        if isinstance(reply, RecvReply):
            self.received.update(mail_class(message.from_) for message in reply.messages)
        return reply


def mail_class(name: str) -> str:
    """The class a correspondent is counted under: operator, manager, system or peer."""
    writer = writer_of(name)
    return Writer.PEER.value if writer is Writer.OUTSIDE else writer.value
