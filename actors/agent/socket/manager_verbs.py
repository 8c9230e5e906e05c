"""What only the manager's socket serves about new agents and new configurations: proposals, never decisions."""

from actors.agent.socket.context import Desk, Verb
from actors.approvals import api as approvals
from actors.approvals.submission import Submission
from actors.connection import Connection
from actors.supervision import SYSTEM_CLOCK
from harness.wire import agent_api
from harness.wire.model import Reply, Request


def request_spawn(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.RequestSpawn)
    return _proposer(desk).spawn(request.name, request.description)


def request_spawn_draft(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.RequestSpawnDraft)
    return _proposer(desk).draft(request.name)


def request_spawn_commit(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.RequestSpawnCommit)
    return _proposer(desk).spawn_commit(request.name, request.commit_ref, request.description)


def request_apply_commit(desk: Desk, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.RequestApplyCommit)
    return _proposer(desk).apply_commit(request.agent, request.commit_ref, request.description)


def _proposer(desk: Desk) -> Submission:
    return approvals.submission(desk.directory, by=desk.name, clock=SYSTEM_CLOCK)


VERBS: dict[str, Verb] = {
    "request_spawn": request_spawn,
    "request_spawn_draft": request_spawn_draft,
    "request_spawn_commit": request_spawn_commit,
    "request_apply_commit": request_apply_commit,
}
