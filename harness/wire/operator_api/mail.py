"""Mail as the operator has it: an inbox, the whole flow, sending as `operator`."""

from typing import Literal

from harness.wire.agent_api.mail import MessagesReply, Send, SendReply
from harness.wire.verb import OPERATORS, Rows, Verb

from .requests import Listing


class Messages(Listing):
    """The whole flow; with `undelivered` only what its recipient never got."""

    cmd: Literal["messages"] = "messages"
    undelivered: bool = False


SEND = Verb("send", Send, SendReply, OPERATORS)
INBOX = Verb("inbox", Listing, MessagesReply, OPERATORS)
MESSAGES = Verb("messages", Messages, MessagesReply, OPERATORS)

VERBS: Rows = (SEND, INBOX, MESSAGES)
