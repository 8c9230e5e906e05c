"""Mail as the operator has it: an inbox, the whole flow, sending as `operator`."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from harness.wire.agent_api.mail import MessagesReply, Send, SendReply
from harness.wire.boundary.listing import ListReply
from harness.wire.limits import MAX_LABEL_CHARACTERS, MAX_ROWS
from harness.wire.model import Done, Reply, Request
from harness.wire.names import Id
from harness.wire.operator_rows import DeadLetter, UnreadRow
from harness.wire.verb import OPERATORS, Rows, Verb

from .requests import ById, Listing, Plain

SEND = Verb("send", Send, SendReply, OPERATORS)

Sender = Annotated[str, Field(min_length=1, max_length=MAX_LABEL_CHARACTERS)]
"""A sender as the message shows it: an agent, a peer, or `outside:…`, which is no name of the hive."""


class Messages(Listing):
    """The whole flow, or a part of it.

    `undelivered`: what its recipient never got. `party`: what this name has sent or was sent. `system`: what the hive
    itself has written.
    """

    cmd: Literal["messages"] = "messages"
    undelivered: bool = False
    party: Sender | None = None
    system: bool = False

    @model_validator(mode="after")
    def _one_part(self) -> Self:
        if self.undelivered + self.system + (self.party is not None) > 1:
            raise ValueError("give at most one of undelivered, party and system")
        return self


class Inbox(Listing):
    """Mail to the operator; with `unread` only what is not read, with `sender` only of that sender."""

    cmd: Literal["inbox"] = "inbox"
    unread: bool = False
    sender: Sender | None = None


class InboxReply(MessagesReply):
    """A page of the inbox. `total` and `unread` count the whole inbox, of that sender if one was named."""

    total: int
    unread: int


class UnreadReply(ListReply):
    """One row for each sender of unread mail, the sender that waits longest first."""

    senders: list[UnreadRow]


class MarkRead(Request):
    """Mark mail to the operator as read: these `ids`, or all of it up to the id `up_to`, if need be of one `sender`."""

    cmd: Literal["mark_read"] = "mark_read"
    ids: Annotated[list[Id], Field(max_length=MAX_ROWS)] = []
    up_to: Id | None = None
    sender: Sender | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.ids) == (self.up_to is not None):
            raise ValueError("give either ids or up_to")
        return self


class MarkReadReply(Reply):
    """How many messages were unread and are read now."""

    marked: int


class DeadLettersReply(Reply):
    """Newest last."""

    dead_letters: list[DeadLetter]


DEAD_LETTERS = Verb("dead_letters", Listing, DeadLettersReply, OPERATORS)
RETRY_DEAD_LETTER = Verb("retry_dead_letter", ById, Done, OPERATORS)
DROP_DEAD_LETTER = Verb("drop_dead_letter", ById, Done, OPERATORS)
INBOX = Verb("inbox", Inbox, InboxReply, OPERATORS)
UNREAD_MAIL = Verb("unread_mail", Plain, UnreadReply, OPERATORS)
MARK_READ = Verb("mark_read", MarkRead, MarkReadReply, OPERATORS)
MESSAGES = Verb("messages", Messages, MessagesReply, OPERATORS)

VERBS: Rows = (SEND, INBOX, UNREAD_MAIL, MARK_READ, MESSAGES, DEAD_LETTERS, RETRY_DEAD_LETTER, DROP_DEAD_LETTER)
