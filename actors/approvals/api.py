"""The interface of the approvals: one typed function per request.

Names may be either spelling of the manager. Every function raises HiveError: `bad_request` or `too_large` for an
invalid proposal, `not_found`, `conflict` for an approval that was decided already, `unavailable` or `timeout`.
"""

from typing import Any

from actors.agent.repos import history
from actors.approvals import queries
from actors.approvals.bases import Base, base_sha
from actors.approvals.chain import Break, Link, verify_chain
from actors.approvals.context import ApprovalContext
from actors.approvals.messages import QUEUE, Approve, Deny, GetContext
from actors.approvals.states import ApprovalStatus
from actors.approvals.steps import BEFORE_REBUILD
from actors.approvals.submission import Submission
from actors.store import api as store
from actors.supervision import Clock, Directory
from harness.wire import names
from harness.wire.operator_api import DiffReply
from harness.wire.operator_rows import ApprovalRow
from harness.wire.times import from_ms

ASK_SECONDS = 30.0


def submission(directory: Directory, *, by: str, clock: Clock) -> Submission:
    """The proposals of one proposer: `draft`, `spawn`, `spawn_commit`, `apply_commit`, `revive`."""
    return Submission(directory, clock, by=by)


def approve(directory: Directory, approval_id: int, *, by: str) -> None:
    """Returns when the decision is on disk; the deployment follows, and its end is an event."""
    directory.ask(QUEUE, Approve(approval_id, by), timeout=ASK_SECONDS)


def deny(directory: Directory, approval_id: int, note: str | None, *, by: str) -> None:
    """Returns when the decision is on disk and in the manager's inbox."""
    directory.ask(QUEUE, Deny(approval_id, note, by), timeout=ASK_SECONDS)


def rows(directory: Directory) -> list[ApprovalRow]:
    """Every open approval and the latest of the others, newest last."""
    return [one.row() for one in store.read(directory, queries.recent)]


def pending(directory: Directory) -> list[ApprovalRow]:
    """Every approval that waits for the operator, newest last."""
    return [row for row in rows(directory) if row.status == ApprovalStatus.PENDING.value]


def to_be_rebuilt(directory: Directory) -> frozenset[str]:
    """The container names that an approval under way is about to rebuild."""
    found = store.read(directory, queries.open_ones)
    return frozenset(one.agent for one in found if one.step in BEFORE_REBUILD)


def diff(directory: Directory, approval_id: int, base: str) -> DiffReply:
    """The proposal against `running`, `approved` or `previous`; empty text when nothing differs."""
    approval = store.read(directory, queries.one(approval_id))
    others = store.read(directory, queries.of_agent(approval.agent))
    applied = context(directory).repositories.applied(approval.agent)
    chosen = base_sha(Base(base), approval, applied.in_force(), others)
    shown = history.diff(applied, chosen, approval.sha)
    return DiffReply(diff=shown.text, base_sha=shown.base, sha=shown.sha)


def drafts(directory: Directory) -> list[dict[str, Any]]:
    """Every agent that is prepared and not spawned: name, config_path, state_path, approval_id (None: none waits)."""
    known = context(directory)
    waiting = {row.agent: row.id for row in pending(directory)}
    return [
        {
            "name": name,
            "config_path": str(known.config_path(name)),
            "state_path": str(known.state_path(name)),
            "approval_id": waiting.get(name),
        }
        for name in known.repositories.drafts()
    ]


def decisions(directory: Directory) -> list[dict[str, Any]]:
    """The decision log, oldest first, each row with its hash, which the next row repeats."""
    return [_shown(link) for link in store.read(directory, queries.decisions)]


def verify(directory: Directory) -> Break | None:
    """None when the decision log is whole, else the first row at which it is not."""
    return verify_chain(store.read(directory, queries.decisions))


def context(directory: Directory) -> ApprovalContext:
    """The repositories and the rules of this hive: values, read in the caller's greenlet."""
    found: ApprovalContext = directory.ask(QUEUE, GetContext(), timeout=ASK_SECONDS)
    return found


def _shown(link: Link) -> dict[str, Any]:
    decision = link.decision
    return {
        "id": decision.id,
        "at": from_ms(decision.at_ms),
        "approval_id": decision.approval_id,
        "agent": names.broker_name(decision.agent),
        "kind": decision.kind,
        "verdict": decision.verdict,
        "sha": decision.sha,
        "decided_by": decision.decided_by,
        "note": decision.note,
        "hash": link.hash,
    }
