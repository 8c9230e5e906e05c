"""Verbs on reminders: which wait, cancelling one, trying one again."""

from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.routes import Route, route
from actors.scheduler import api as scheduler
from harness.wire.model import Done
from harness.wire.operator_api import reminders as wire
from harness.wire.operator_api.requests import ById, Plain
from harness.wire.operator_rows import Delivered

DAY_MS = 24 * 3_600_000


def listing(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.RemindersReply:
    since_ms = context.clock.now_ms() - DAY_MS
    delivered = {
        agent: Delivered(count=count, attempts=attempts)
        for agent, (count, attempts) in scheduler.delivered_since(context.directory, since_ms).items()
    }
    return wire.RemindersReply(reminders=scheduler.pending(context.directory), delivered=delivered)


def cancel(context: OperatorContext, request: ById, _connection: Connection) -> Done:
    scheduler.cancel(context.directory, request.id)
    return Done()


def retry(context: OperatorContext, request: ById, _connection: Connection) -> Done:
    scheduler.retry(context.directory, request.id)
    return Done()


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.REMINDERS, listing),
    route(wire.CANCEL_REMINDER, cancel),
    route(wire.RETRY_REMINDER, retry),
)
