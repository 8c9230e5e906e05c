"""Mail as the operator has it: an inbox, the whole flow, sending as `operator`."""

from harness.wire.agent_api.mail import MessagesReply, Send, SendReply
from harness.wire.verb import OPERATORS, Rows, Verb

from .requests import Listing

SEND = Verb("send", Send, SendReply, OPERATORS)
INBOX = Verb("inbox", Listing, MessagesReply, OPERATORS)
MESSAGES = Verb("messages", Listing, MessagesReply, OPERATORS)

VERBS: Rows = (SEND, INBOX, MESSAGES)
