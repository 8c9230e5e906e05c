"""Verbs on the sessions of the dashboard: which browsers are logged in, and logging one out."""

from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.routes import Route, route
from actors.sessions import api as sessions
from harness.wire.model import Done
from harness.wire.operator_api.access import sessions as wire
from harness.wire.operator_api.requests import ById, Plain


def open_session(context: OperatorContext, request: wire.OpenSession, _connection: Connection) -> wire.SessionReply:
    """The web process has checked the token; it may do as the operator anyway."""
    row = sessions.open_session(
        context.directory, digest=request.digest, address=request.address, user_agent=request.user_agent
    )
    return wire.SessionReply(session=row)


def check(context: OperatorContext, request: wire.CheckSession, _connection: Connection) -> wire.SessionReply:
    return wire.SessionReply(session=sessions.check(context.directory, request.digest))


def listing(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.SessionsReply:
    return wire.SessionsReply(sessions=sessions.sessions(context.directory))


def end(context: OperatorContext, request: ById, _connection: Connection) -> Done:
    sessions.end(context.directory, request.id)
    return Done()


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.OPEN_SESSION, open_session),
    route(wire.CHECK_SESSION, check),
    route(wire.SESSIONS, listing),
    route(wire.END_SESSION, end),
)
