"""An agent's mail: sent, leased, acknowledged by turn, looked at."""

from actors.agent.socket import turn
from actors.agent.socket.context import RequestContext
from actors.broker import api as broker
from actors.connection import Connection
from actors.routes import Route, route
from actors.supervision import Promise
from harness.wire.agent_api import mail as wire
from harness.wire.limits import MAX_WAIT_SECONDS


def send(context: RequestContext, request: wire.Send, _connection: Connection) -> wire.SendReply:
    return broker.send(
        context.directory,
        sender=context.name,
        to=request.to,
        body=request.body,
        in_reply_to=request.in_reply_to,
        cause=turn.cause_of(context),
    )


def recv(context: RequestContext, request: wire.Recv, connection: Connection) -> wire.RecvReply:
    """A long poll when asked to wait.

    A client that hangs up meanwhile consumes nothing; what a reply that could not be written had leased is given back.
    One that is paused is handed nothing, also when the pause begins while it waits.
    """
    if context.client.barred:
        return _nothing(context, request, connection)
    if wait_seconds := request.wait_seconds:
        waiter = broker.long_poll(context.directory, name=context.name, wait_seconds=wait_seconds, max=request.max)
        connection.on_gone(waiter.cancel)
        unwatch = context.client.watch(waiter.cancel)
        try:
            reply = waiter.wait()
        finally:
            unwatch()
    else:
        reply = broker.recv(context.directory, name=context.name, max=request.max)
    if context.client.barred:
        broker.give_back(context.directory, context.name, [message.id for message in reply.messages])
        return wire.RecvReply(messages=[], remaining=reply.remaining, paused=context.client.paused)
    ids = [message.id for message in reply.messages]
    if ids:
        connection.if_unwritten(lambda: broker.give_back(context.directory, context.name, ids))
        turn.give(context, ids)
    return reply


def _nothing(context: RequestContext, request: wire.Recv, connection: Connection) -> wire.RecvReply:
    """The answer to a paused client, as late as it asked for and no later than the end of the pause.

    The broker is told that the client asks: it is alive.
    """
    reply = broker.recv(context.directory, name=context.name, max=0)
    if request.wait_seconds:
        over: Promise[None] = Promise()
        unwatch = context.client.watch(over.set)
        timer = context.clock.call_later(min(request.wait_seconds, MAX_WAIT_SECONDS), over.set)
        connection.on_gone(over.set)
        try:
            over.wait()
        finally:
            unwatch()
            timer.cancel()
    return wire.RecvReply(messages=[], remaining=reply.remaining, paused=context.client.paused)


def ack_turn(context: RequestContext, _request: wire.AckTurn, _connection: Connection) -> wire.AckReply:
    acked = broker.ack_turn(context.directory, context.name)
    turn.settle(context)
    return wire.AckReply(acked=acked)


def requeue_inflight(
    context: RequestContext, request: wire.RequeueInflight, _connection: Connection
) -> wire.RequeueReply:
    requeued = broker.requeue_inflight(context.directory, context.name, request.keep)
    turn.settle(context)
    return wire.RequeueReply(requeued=requeued)


def fail_turn(context: RequestContext, request: wire.FailTurn, _connection: Connection) -> wire.FailReply:
    reply = broker.fail_turn(context.directory, context.name, reason=request.reason, outage=request.outage)
    turn.settle(context)
    return reply


def status(context: RequestContext, _request: wire.Status, _connection: Connection) -> wire.StatusReply:
    return broker.status(context.directory, context.name)


def recent(context: RequestContext, request: wire.Recent, _connection: Connection) -> wire.MessagesReply:
    return wire.MessagesReply(messages=broker.recent(context.directory, context.name, request.limit))


def wake(context: RequestContext, request: wire.Wake, _connection: Connection) -> wire.IdReply:
    number = broker.wake(context.directory, name=context.name, from_=request.from_, body=request.body)
    return wire.IdReply(id=number)


ROUTES: tuple[Route[RequestContext], ...] = (
    route(wire.SEND, send),
    route(wire.RECV, recv),
    route(wire.ACK_TURN, ack_turn),
    route(wire.REQUEUE_INFLIGHT, requeue_inflight),
    route(wire.FAIL_TURN, fail_turn),
    route(wire.STATUS, status),
    route(wire.RECENT, recent),
    route(wire.WAKE, wake),
)
