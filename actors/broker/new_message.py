"""A message that a commit brings: its row before it is inserted. Pure."""

from dataclasses import dataclass

from harness.wire.agent_api import MessageKind


@dataclass(slots=True)
class NewMessage:
    """A row of `messages`. `size` is in bytes on the wire, times are milliseconds UTC.

    Not frozen: there is one for every message on the hot path, and a frozen dataclass takes five times as long to
    make. The plan sets `leased_at` while it is made; nothing changes a row afterwards.
    """

    id: int
    sender: str
    recipient: str
    size: int
    body: str
    kind: MessageKind
    sent_at: int
    in_reply_to: int | None
    """What the sender named; whether it stands is known after the commit (`Committed.replies`)."""
    broadcast: bool
    leased_at: int | None = None
    """Set when a client waits for the message: one statement stores and leases it."""
    cause: str | None = None
    thread: int | None = None
    """The root of the replies; None for a message that is no reply."""
