"""The verb `search`."""

from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.routes import Route, route
from actors.search import api
from harness.wire.operator_api import search as wire


def search(context: OperatorContext, request: wire.Search, _connection: Connection) -> wire.SearchReply:
    return api.search(
        context.directory,
        request.query,
        limit=request.limit,
        before=request.before,
        now_ms=context.clock.now_ms(),
    )


ROUTES: tuple[Route[OperatorContext], ...] = (route(wire.SEARCH, search),)
