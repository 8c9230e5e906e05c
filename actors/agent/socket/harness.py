"""What only a harness asks: it reports events and turns, and polls for the operator's commands."""

from actors.agent.addresses import container_actor
from actors.agent.container.messages import Disconnected, HarnessEvents, Poll
from actors.agent.socket import turn
from actors.agent.socket.context import RequestContext
from actors.connection import Connection
from actors.quotas import api as quotas
from actors.routes import Route, route
from actors.supervision import AskTimeout
from actors.telemetry import api as telemetry
from harness.wire.agent_api import harness as wire
from harness.wire.limits import MAX_WAIT_SECONDS
from harness.wire.model import Done

MARGIN_SECONDS = 30.0
"""How long the container's actor may be late with the end of a poll."""


def publish(context: RequestContext, request: wire.Publish, _connection: Connection) -> wire.PublishReply:
    context.directory.tell(container_actor(context.container), HarnessEvents(tuple(request.events)))
    return wire.PublishReply(stored=telemetry.publish(context.directory, context.name, request.events))


def begin_turn(context: RequestContext, request: wire.BeginTurn, _connection: Connection) -> wire.BeginTurnReply:
    return wire.BeginTurnReply(turn=turn.begin(context, request.message_ids))


def turn_ended(context: RequestContext, request: wire.TurnEnded, _connection: Connection) -> Done:
    telemetry.turn_ended(context.directory, context.name, request.stats.as_frame())
    quotas.turn_ended(context.directory, context.name)
    return Done()


def control(context: RequestContext, request: wire.Control, connection: Connection) -> wire.ControlReply:
    """A long poll. Commands whose reply could not be written are offered to the next poll."""
    key = object()
    wait_seconds = min(request.wait_seconds or 0.0, MAX_WAIT_SECONDS)
    promise = context.directory.ask_later(container_actor(context.container), Poll(key, wait_seconds))
    connection.on_gone(lambda: _disconnected(context, key, ()))
    seconds = wait_seconds + MARGIN_SECONDS
    if not promise.wait(seconds):
        raise AskTimeout(container_actor(context.container), seconds)
    reply: wire.ControlReply = promise.get()
    commands = tuple(reply.commands)
    connection.if_unwritten(lambda: _disconnected(context, key, commands))
    return reply


def _disconnected(context: RequestContext, key: object, commands: tuple[wire.Command, ...]) -> None:
    context.directory.tell(container_actor(context.container), Disconnected(key, commands))


ROUTES: tuple[Route[RequestContext], ...] = (
    route(wire.PUBLISH, publish),
    route(wire.BEGIN_TURN, begin_turn),
    route(wire.TURN_ENDED, turn_ended),
    route(wire.CONTROL, control),
)
