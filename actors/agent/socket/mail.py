"""An agent's mail: sent, leased, acknowledged by turn, looked at."""

from actors.agent.socket.context import RequestContext
from actors.broker import api as broker
from actors.connection import Connection
from actors.routes import Route, route
from harness.wire.agent_api import mail as wire


def send(context: RequestContext, request: wire.Send, _connection: Connection) -> wire.SendReply:
    return broker.send(
        context.directory, sender=context.name, to=request.to, body=request.body, in_reply_to=request.in_reply_to
    )


def recv(context: RequestContext, request: wire.Recv, connection: Connection) -> wire.RecvReply:
    """A long poll when asked to wait.

    A client that hangs up meanwhile consumes nothing; what a reply that could not be written had leased is given back.
    """
    if wait_seconds := request.wait_seconds:
        waiter = broker.long_poll(context.directory, name=context.name, wait_seconds=wait_seconds, max=request.max)
        connection.on_gone(waiter.cancel)
        reply = waiter.wait()
    else:
        reply = broker.recv(context.directory, name=context.name, max=request.max)
    ids = [message.id for message in reply.messages]
    if ids:
        connection.if_unwritten(lambda: broker.give_back(context.directory, context.name, ids))
    return reply


def ack_turn(context: RequestContext, _request: wire.AckTurn, _connection: Connection) -> wire.AckReply:
    return wire.AckReply(acked=broker.ack_turn(context.directory, context.name))


def requeue_inflight(
    context: RequestContext, request: wire.RequeueInflight, _connection: Connection
) -> wire.RequeueReply:
    return wire.RequeueReply(requeued=broker.requeue_inflight(context.directory, context.name, request.keep))


def fail_turn(context: RequestContext, request: wire.FailTurn, _connection: Connection) -> wire.FailReply:
    return broker.fail_turn(context.directory, context.name, reason=request.reason, outage=request.outage)


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
