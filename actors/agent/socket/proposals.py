"""What the manager proposes about new agents and new configurations. The operator decides."""

from actors.agent.socket import turn
from actors.agent.socket.context import RequestContext
from actors.approvals import api as approvals
from actors.approvals.submission.proposals import Submission
from actors.connection import Connection
from actors.routes import Route, route
from harness.wire.agent_api import proposals as wire
from harness.wire.model import Done


def request_spawn(context: RequestContext, request: wire.RequestSpawn, _connection: Connection) -> wire.ApprovalReply:
    return _submission(context).spawn(request.name, request.description)


def request_spawn_draft(
    context: RequestContext, request: wire.RequestSpawnDraft, _connection: Connection
) -> wire.DraftReply:
    return _submission(context).draft(request.name)


def request_spawn_commit(
    context: RequestContext, request: wire.RequestSpawnCommit, _connection: Connection
) -> wire.ApprovalReply:
    return _submission(context).spawn_commit(request.name, request.commit_ref, request.description)


def request_apply_commit(
    context: RequestContext, request: wire.RequestApplyCommit, _connection: Connection
) -> wire.ApprovalReply:
    return _submission(context).apply_commit(request.agent, request.commit_ref, request.description)


def withdraw(context: RequestContext, request: wire.Withdraw, _connection: Connection) -> Done:
    _submission(context).withdraw(request.id)
    return Done()


def _submission(context: RequestContext) -> Submission:
    return approvals.submission(context.directory, by=context.name, clock=context.clock, cause=turn.cause_of(context))


ROUTES: tuple[Route[RequestContext], ...] = (
    route(wire.REQUEST_SPAWN, request_spawn),
    route(wire.REQUEST_SPAWN_DRAFT, request_spawn_draft),
    route(wire.REQUEST_SPAWN_COMMIT, request_spawn_commit),
    route(wire.REQUEST_APPLY_COMMIT, request_apply_commit),
    route(wire.WITHDRAW, withdraw),
)
