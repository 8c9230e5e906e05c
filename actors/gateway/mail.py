"""Verbs on mail: the operator's own inbox, the whole flow, sending as `operator`."""

from actors.broker import api as broker
from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.gateway.known import check_correspondent
from actors.routes import Route, route
from harness.wire import names
from harness.wire.agent_api import MessagesReply, Send, SendReply
from harness.wire.model import Done
from harness.wire.operator_api import mail as wire
from harness.wire.operator_api.requests import ById, Listing, Plain
from harness.wire.operator_rows import UnreadRow


def send(context: OperatorContext, request: Send, _connection: Connection) -> SendReply:
    return broker.send(
        context.directory,
        sender=names.OPERATOR,
        to=request.to,
        body=request.body,
        in_reply_to=request.in_reply_to,
    )


def inbox(context: OperatorContext, request: wire.Inbox, _connection: Connection) -> wire.InboxReply:
    page = broker.operator_inbox(
        context.directory, limit=request.limit, before=request.before, unread=request.unread, sender=request.sender
    )
    if request.sender is not None and request.before is None and not page.messages:
        check_correspondent(context, request.sender)
    return wire.InboxReply(messages=page.messages, total=page.total, unread=page.unread)


def unread_mail(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.UnreadReply:
    return wire.UnreadReply(senders=unread_rows(context))


def unread_rows(context: OperatorContext) -> list[UnreadRow]:
    """One row for each sender of unread mail, the sender that waits longest first."""
    found = broker.unread_mail(context.directory)
    return [UnreadRow(sender=newest.from_, count=count, newest=newest) for count, newest in found]


def mark_read(context: OperatorContext, request: wire.MarkRead, _connection: Connection) -> wire.MarkReadReply:
    marked = broker.mark_read(
        context.directory,
        ids=request.ids,
        up_to=request.up_to,
        sender=request.sender,
        now_ms=context.clock.now_ms(),
    )
    return wire.MarkReadReply(marked=marked)


def messages(context: OperatorContext, request: wire.Messages, _connection: Connection) -> MessagesReply:
    directory, limit, before = context.directory, request.limit, request.before
    if request.party is not None:
        found = broker.messages_of(directory, request.party, limit=limit, before=before)
        if not found and before is None:
            check_correspondent(context, request.party)
        return MessagesReply(messages=found)
    read = broker.undelivered if request.undelivered else broker.messages
    if request.system:
        read = broker.messages_of_the_hive
    return MessagesReply(messages=read(directory, limit=limit, before=before))


def dead_letters(context: OperatorContext, request: Listing, _connection: Connection) -> wire.DeadLettersReply:
    found = broker.dead_letters(context.directory, limit=request.limit, before=request.before)
    return wire.DeadLettersReply(dead_letters=found)


def retry_dead_letter(context: OperatorContext, request: ById, _connection: Connection) -> Done:
    broker.revive(context.directory, request.id)
    return Done()


def drop_dead_letter(context: OperatorContext, request: ById, _connection: Connection) -> Done:
    broker.drop(context.directory, request.id)
    return Done()


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.SEND, send),
    route(wire.INBOX, inbox),
    route(wire.UNREAD_MAIL, unread_mail),
    route(wire.MARK_READ, mark_read),
    route(wire.MESSAGES, messages),
    route(wire.DEAD_LETTERS, dead_letters),
    route(wire.RETRY_DEAD_LETTER, retry_dead_letter),
    route(wire.DROP_DEAD_LETTER, drop_dead_letter),
)
