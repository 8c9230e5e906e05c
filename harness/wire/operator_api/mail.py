"""Mail as the operator has it: an inbox, the whole flow, sending as `operator`."""

from typing import Literal

from harness.wire.agent_api.mail import MessagesReply, Send, SendReply
from harness.wire.model import Done, Reply
from harness.wire.operator_rows import DeadLetter
from harness.wire.verb import OPERATORS, Rows, Verb

from .requests import ById, Listing


class Messages(Listing):
    """The whole flow; with `undelivered` only what its recipient never got."""

    cmd: Literal["messages"] = "messages"
    undelivered: bool = False


SEND = Verb("send", Send, SendReply, OPERATORS)


class DeadLettersReply(Reply):
    """Newest last."""

    dead_letters: list[DeadLetter]


DEAD_LETTERS = Verb("dead_letters", Listing, DeadLettersReply, OPERATORS)
RETRY_DEAD_LETTER = Verb("retry_dead_letter", ById, Done, OPERATORS)
DROP_DEAD_LETTER = Verb("drop_dead_letter", ById, Done, OPERATORS)
INBOX = Verb("inbox", Listing, MessagesReply, OPERATORS)
MESSAGES = Verb("messages", Messages, MessagesReply, OPERATORS)

VERBS: Rows = (SEND, INBOX, MESSAGES, DEAD_LETTERS, RETRY_DEAD_LETTER, DROP_DEAD_LETTER)
