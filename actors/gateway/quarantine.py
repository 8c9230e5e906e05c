"""Verbs on the quarantine: the rows that cannot be read, and deleting one."""

from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.quarantine import api as quarantine
from actors.routes import Route, route
from harness.wire.model import Done
from harness.wire.operator_api import quarantine as wire


def listing(context: OperatorContext, request: wire.Quarantine, _connection: Connection) -> wire.QuarantineReply:
    if request.look:
        return wire.QuarantineReply(rows=quarantine.shown(quarantine.look(context.directory)))
    return wire.QuarantineReply(rows=quarantine.rows(context.directory))


def drop(context: OperatorContext, request: wire.DropQuarantined, _connection: Connection) -> Done:
    quarantine.drop(context.directory, request.table, request.key)
    return Done()


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.QUARANTINE, listing),
    route(wire.DROP_QUARANTINED, drop),
)
