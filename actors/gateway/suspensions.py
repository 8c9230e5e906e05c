"""Verbs on suspensions: what crashed the hive, and serving its sender again."""

from actors.admission import api as admission
from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.gateway.known import check_correspondent
from actors.routes import Route, route
from harness.wire.model import Done
from harness.wire.operator_api import suspensions as wire
from harness.wire.operator_api.requests import ByName, Plain


def listing(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.SuspensionsReply:
    return wire.SuspensionsReply(suspensions=admission.suspensions(context.directory))


def kept_requests(context: OperatorContext, request: ByName, _connection: Connection) -> wire.KeptRequestsReply:
    found = admission.kept_requests(context.directory, request.name)
    if not found:
        check_correspondent(context, request.name)
    return wire.KeptRequestsReply(requests=found)


def lift(context: OperatorContext, request: ByName, _connection: Connection) -> Done:
    admission.lift(context.directory, request.name)
    return Done()


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.SUSPENSIONS, listing),
    route(wire.KEPT_REQUESTS, kept_requests),
    route(wire.LIFT_SUSPENSION, lift),
)
