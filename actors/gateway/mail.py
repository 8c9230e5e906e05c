"""Verbs on mail: the operator's own inbox, the whole flow, sending as `operator`."""

from actors.broker import api as broker
from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.routes import Route, route
from harness.wire import names
from harness.wire.agent_api import MessagesReply, Send, SendReply
from harness.wire.operator_api import mail as wire
from harness.wire.operator_api.requests import Listing


def send(context: OperatorContext, request: Send, _connection: Connection) -> SendReply:
    return broker.send(
        context.directory,
        sender=names.OPERATOR,
        to=request.to,
        body=request.body,
        in_reply_to=request.in_reply_to,
    )


def inbox(context: OperatorContext, request: Listing, _connection: Connection) -> MessagesReply:
    return MessagesReply(messages=broker.inbox(context.directory, limit=request.limit, before=request.before))


def messages(context: OperatorContext, request: wire.Messages, _connection: Connection) -> MessagesReply:
    read = broker.undelivered if request.undelivered else broker.messages
    return MessagesReply(messages=read(context.directory, limit=request.limit, before=request.before))


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.SEND, send),
    route(wire.INBOX, inbox),
    route(wire.MESSAGES, messages),
)
