"""What proposals and the swarm's history become when agents came or went without an approval."""

from collections.abc import Collection

from actors.agent.repos import Applied, Repositories
from actors.approvals.approval import Approval
from actors.approvals.states import ApprovalKind
from harness.wire import names


def obsolete(approval: Approval, existing: Collection[str], applied: Applied) -> str | None:
    """Why a pending proposal cannot be deployed any more; None when it can. `existing`: all agents' container names."""
    if approval.kind is ApprovalKind.APPLY_COMMIT and approval.agent not in existing:
        return f"{names.broker_name(approval.agent)} was destroyed"
    return None if applied.holds(approval.sha) else "what was proposed was purged"


def sync_history(repositories: Repositories, existing: Collection[str], *, leave: Collection[str], at_ms: int) -> None:
    """Make the swarm's history show exactly the agents that exist; those in `leave` belong to a deployer."""
    for agent in set(existing) ^ set(repositories.meta.deployed()):
        if agent in leave:
            continue
        if agent in existing:
            _record(repositories, agent, at_ms)
        else:
            repositories.meta.forget(agent, at_ms=at_ms)


def _record(repositories: Repositories, agent: str, at_ms: int) -> None:
    applied = repositories.applied(agent)
    sha = applied.in_force()
    tag = None if sha is None else applied.deployed_tag(sha)
    if sha is not None and tag is not None:
        repositories.meta.record(agent, sha, tag, applied.git, at_ms=at_ms)
