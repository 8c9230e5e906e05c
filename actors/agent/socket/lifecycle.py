"""What the manager does with other agents: start, kill, restart, update, read their logs. Never with itself."""

from actors.agent.registry import api as agents
from actors.agent.socket.context import RequestContext
from actors.connection import Connection
from actors.routes import Route, route
from harness.wire import names
from harness.wire.agent_api import lifecycle as wire
from harness.wire.errors import forbidden
from harness.wire.model import Done


def start(context: RequestContext, request: wire.ManagerStart, _connection: Connection) -> Done:
    agents.start(context.directory, _other(request.name))
    return Done()


def kill(context: RequestContext, request: wire.ManagerKill, _connection: Connection) -> Done:
    agents.kill(context.directory, _other(request.name))
    return Done()


def restart(context: RequestContext, request: wire.ManagerRestart, _connection: Connection) -> Done:
    agents.restart(context.directory, _other(request.name))
    return Done()


def update(context: RequestContext, request: wire.ManagerUpdate, _connection: Connection) -> Done:
    agents.rebuild(context.directory, _other(request.name))
    return Done()


def get_logs(context: RequestContext, request: wire.GetLogs, _connection: Connection) -> wire.LinesReply:
    return wire.LinesReply(lines=agents.journal(context.directory, request.agent, request.lines))


def _other(name: str) -> str:
    """The agent that is meant; `forbidden` for the manager, which would cut its own turn."""
    if names.container_name(name) == names.MANAGER_CONTAINER:
        raise forbidden("the manager cannot do this to itself", "ask the operator")
    return name


ROUTES: tuple[Route[RequestContext], ...] = (
    route(wire.START, start),
    route(wire.KILL, kill),
    route(wire.RESTART, restart),
    route(wire.UPDATE, update),
    route(wire.GET_LOGS, get_logs),
)
