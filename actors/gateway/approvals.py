"""Verbs on approvals: what waits, what it changes, yes or no; proposals of the operator's own."""

from actors.approvals import api as approvals
from actors.connection import Connection
from actors.gateway.services import Services, Verb
from harness.wire import agent_api, names, operator_api, review
from harness.wire.errors import forbidden
from harness.wire.model import Done, Reply, Request


def pending(services: Services, _request: Request, _connection: Connection) -> Reply:
    return operator_api.ApprovalsReply(approvals=approvals.rows(services.directory))


def approve(services: Services, request: Request, connection: Connection) -> Reply:
    assert isinstance(request, review.Approve)
    approvals.approve(
        services.directory,
        request.id,
        by=_who(connection),
        sha=request.sha,
        base_sha=request.base_sha,
        accepts=request.accepts,
    )
    return Done()


def deny(services: Services, request: Request, connection: Connection) -> Reply:
    assert isinstance(request, operator_api.Deny)
    approvals.deny(services.directory, request.id, request.note, by=_who(connection))
    return Done()


def approval_diff(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.ApprovalDiff)
    return approvals.diff(services.directory, request.id, request.base)


def approval_review(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, review.ApprovalReview)
    return approvals.review(services.directory, request.id, request.base)


def approval_part(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, review.ApprovalPart)
    return approvals.part(services.directory, request.id, request.base, request.part, request.offset)


def request_spawn(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, agent_api.RequestSpawn)
    proposer = approvals.submission(services.directory, by=names.OPERATOR, clock=services.clock)
    return proposer.spawn(request.name, request.description)


def revive(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.ByName)
    if names.container_name(request.name) == names.MANAGER_CONTAINER:
        raise forbidden("the manager is never destroyed", "`hive start manager` starts it")
    return approvals.submission(services.directory, by=names.OPERATOR, clock=services.clock).revive(request.name)


def drafts(services: Services, _request: Request, _connection: Connection) -> Reply:
    return operator_api.RowsReply(rows=approvals.drafts(services.directory))


def decisions(services: Services, _request: Request, _connection: Connection) -> Reply:
    """The log, and whether it is whole: `broken_at` and `reason` of the first row that is not, else null."""
    broken = approvals.verify(services.directory)
    return operator_api.DecisionsReply(
        decisions=approvals.decisions(services.directory),
        broken_at=None if broken is None else broken.id,
        reason=None if broken is None else broken.reason,
    )


def _who(connection: Connection) -> str:
    """The operator, and as which user of the host: the socket knows no more."""
    return f"{names.OPERATOR} (uid {connection.uid})"


VERBS: dict[str, Verb] = {
    "pending": pending,
    "approve": approve,
    "deny": deny,
    "approval_review": approval_review,
    "approval_part": approval_part,
    "approval_diff": approval_diff,
    "request_spawn": request_spawn,
    "revive": revive,
    "drafts": drafts,
    "decisions": decisions,
}
