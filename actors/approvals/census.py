"""What the list of agents means for proposals and for the swarm's history, when agents came or went."""

from collections.abc import Collection

from actors.agent.repos import Applied, Repositories
from actors.approvals.approval import Approval
from actors.approvals.states import ApprovalKind
from harness.wire import names


def obsolete(approval: Approval, there: Collection[str], applied: Applied) -> str | None:
    """Why a proposal that waits can not be any more; None when it can. `there`: the container names of all agents."""
    if approval.kind is ApprovalKind.APPLY_COMMIT and approval.agent not in there:
        return f"{names.broker_name(approval.agent)} was destroyed"
    return None if applied.holds(approval.sha) else "what was proposed was purged"


def catch_up(repositories: Repositories, there: Collection[str], *, leave: Collection[str], at_ms: int) -> None:
    """Have the swarm's history show exactly the agents that are there; `leave` are somebody else's work."""
    for agent in set(there) ^ set(repositories.meta.deployed()):
        if agent in leave:
            continue
        if agent in there:
            _record(repositories, agent, at_ms)
        else:
            repositories.meta.forget(agent, at_ms=at_ms)


def _record(repositories: Repositories, agent: str, at_ms: int) -> None:
    applied = repositories.applied(agent)
    sha = applied.in_force()
    tag = None if sha is None else applied.deployed_tag(sha)
    if sha is not None and tag is not None:
        repositories.meta.record(agent, sha, tag, applied.git, at_ms=at_ms)
