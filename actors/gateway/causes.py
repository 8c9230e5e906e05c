"""The verbs `why`, `effects` and `thread`."""

from actors.causes import api
from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.routes import Route, route
from harness.wire.operator_api import causes as wire


def why(context: OperatorContext, request: wire.Why, _connection: Connection) -> wire.CausesReply:
    return api.why(context.directory, request.name)


def effects(context: OperatorContext, request: wire.Effects, _connection: Connection) -> wire.CausesReply:
    return api.effects(context.directory, request.name)


def thread(context: OperatorContext, request: wire.Thread, _connection: Connection) -> wire.ThreadReply:
    return api.thread(context.directory, request.id, limit=request.limit, before=request.before)


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.WHY, why),
    route(wire.EFFECTS, effects),
    route(wire.THREAD, thread),
)
