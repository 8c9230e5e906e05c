"""The interface of the approvals: one typed function per request.

Names may be either spelling of the manager. Every function raises HiveError: `bad_request` or `too_large` for an
invalid proposal, `not_found`, `conflict` for an approval that was decided already, `unavailable` or `timeout`.
"""

from collections.abc import Iterable
from typing import Any

from actors.approvals import queries
from actors.approvals.approval import Approval
from actors.approvals.bases import Base, base_sha
from actors.approvals.chain import TERMINAL, Break, Decision, Link, Verdict, verify_chain
from actors.approvals.comments import api as comments_api
from actors.approvals.comments.api import placed_comments
from actors.approvals.context import ApprovalContext
from actors.approvals.messages import QUEUE, Approve, Deny, GetContext
from actors.approvals.review import api as read
from actors.approvals.review import gate
from actors.approvals.states import ApprovalStatus, already
from actors.approvals.steps import BEFORE_REBUILD, under_way
from actors.approvals.submission.edits import Edits
from actors.approvals.submission.proposals import Submission
from actors.store import api as store
from actors.store.stored_table import Unreadable
from actors.supervision import Clock, Directory
from harness.wire import names
from harness.wire.operator_api import DiffReply
from harness.wire.operator_api.comments import ApprovalNotesReply
from harness.wire.operator_rows import ApprovalRow
from harness.wire.review import PartReply, ReviewReply
from harness.wire.review.comments import NewComment
from harness.wire.times import from_ms

ASK_SECONDS = 30.0
WRITE_SECONDS = 30.0


def submission(directory: Directory, *, by: str, clock: Clock, cause: str | None = None) -> Submission:
    """The proposals of one proposer: made (`draft`, `spawn`, `apply_commit`, …), withdrawn, discarded.

    `cause` is the turn of the proposer, by its name.
    """
    return Submission(directory, clock, by=by, cause=cause)


def edits(directory: Directory, *, by: str, clock: Clock) -> Edits:
    """Proposals whose commits the host makes: an edit of what is in force, and the reverse of a deployed change."""
    return Edits(directory, clock, by=by)


def approve(
    directory: Directory,
    approval_id: int,
    *,
    by: str,
    sha: str | None = None,
    base_sha: str | None = None,
    accepts: Iterable[str] = (),
    undoes: Iterable[int] = (),
    note: str | None = None,
    comments: Iterable[NewComment] = (),
) -> int | None:
    """Returns when the decision is on disk; the deployment follows, and its end is an event.

    → the approval of the agent after whose end it is carried out, None when it begins at once. `sha` and `base_sha`:
    what was looked at. `note` and `comments` go to the proposer. `bad_request` with the list when something of it was
    neither in the review nor is in `accepts`;
    `conflict` when something else was looked at, or when it takes back a change that is not in `undoes`.
    """
    pending = store.read(directory, queries.one(approval_id))
    if pending.status is not ApprovalStatus.PENDING:
        raise already(pending.id, pending.status)
    shown = review(directory, approval_id, Base.RUNNING)
    line = [one for one in store.read(directory, queries.of_agent(pending.agent)) if under_way(one.step)]
    gate.check(
        shown,
        sha=sha,
        base_sha=base_sha,
        accepts=list(accepts),
        undoes=list(undoes),
        other_bases=[other for one in line for other in (one.sha, one.base_sha) if other is not None],
    )
    words = "; ".join(filter(None, [(note or "").strip(), gate.accepted(shown)])) or None
    placed = placed_comments(directory, approval_id, comments, base=Base.RUNNING, by=by)
    order = Approve(approval_id, by, shown.base_sha, words, shown.behind, placed)
    behind: int | None = directory.ask(QUEUE, order, timeout=ASK_SECONDS)
    return behind


def deny(
    directory: Directory,
    approval_id: int,
    note: str | None,
    *,
    by: str,
    comments: Iterable[NewComment] = (),
) -> None:
    """Returns when the decision is on disk and in the manager's inbox, with the comments."""
    placed = placed_comments(directory, approval_id, comments, base=Base.RUNNING, by=by)
    directory.ask(QUEUE, Deny(approval_id, note, by, placed), timeout=ASK_SECONDS)


def notes(directory: Directory, approval_id: int, base: str) -> ApprovalNotesReply:
    """What is noted of an approval: comments, marks of viewed files, the decision."""
    decision = store.read(directory, queries.decision_on(approval_id))
    return comments_api.notes(directory, approval_id, base, None if decision is None else _plain(decision))


def one(directory: Directory, approval_id: int) -> Approval:
    """That approval. Raises `not_found`."""
    return store.read(directory, queries.one(approval_id))


def decided(directory: Directory, agent: str) -> dict[str, dict[str, Any]]:
    """By its commit, the last decision on each commit of an agent that was decided: who, when, why, and the outcome."""
    found = store.read(directory, queries.decisions_about(names.container_name(agent)))
    return {
        decision.sha: {**_plain(decision), "status": status, "undoable": undoable}
        for decision, status, undoable in found
        if decision.sha is not None
    }


def rows(directory: Directory) -> list[ApprovalRow]:
    """Every open approval and the latest of the others, newest last."""
    return store.read(directory, queries.recent)


def pending(directory: Directory) -> list[ApprovalRow]:
    """Every approval that waits for the operator, newest last."""
    return [row for row in rows(directory) if row.status == ApprovalStatus.PENDING.value]


def to_be_rebuilt(directory: Directory) -> frozenset[str]:
    """The container names that an approval under way is about to rebuild."""
    found = store.read(directory, queries.open_ones)
    return frozenset(one.agent for one in found if one.step in BEFORE_REBUILD)


def review(directory: Directory, approval_id: int, base: str) -> ReviewReply:
    """What the operator reads before a decision, against `running`, `approved` or `previous`."""
    approval, chosen, known = _compared(directory, approval_id, base)
    return read.review(known, approval, chosen, store.read(directory, queries.of_agent(approval.agent)))


def part(directory: Directory, approval_id: int, base: str, wanted: str, offset: int) -> PartReply:
    """A piece of a part that the review does not show. `not_found` for a part that it does not have."""
    approval, chosen, known = _compared(directory, approval_id, base)
    return read.part(known, approval, chosen, wanted, offset)


def diff(directory: Directory, approval_id: int, base: str) -> DiffReply:
    """The files of the review as one text; empty when nothing differs."""
    approval, chosen, known = _compared(directory, approval_id, base)
    return DiffReply(diff=read.text(known, approval, chosen), base_sha=chosen, sha=approval.sha)


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
    unreadable = store.read(directory, lambda connection: queries.DECISIONS.error_rows(connection, _unreadable))
    return unreadable + [_shown(link) for link in store.read(directory, queries.decisions)]


def verify(directory: Directory) -> Break | None:
    """None when the decision log is whole, else the first row at which it is not."""
    for row in store.read(directory, queries.DECISIONS.unreadable(1)):
        return Break(row.number, row.sentence)
    return verify_chain(store.read(directory, queries.decisions))


def context(directory: Directory) -> ApprovalContext:
    """The repositories and the rules of this hive: values, read in the caller's greenlet."""
    found: ApprovalContext = directory.ask(QUEUE, GetContext(), timeout=ASK_SECONDS)
    return found


def log_terminal(directory: Directory, *, agent: str, by: str, terminal: str, at_ms: int) -> None:
    """Have the decision log say who opened a terminal in a container. Returns when the entry is on disk."""
    entry = Decision(
        id=0,
        at_ms=at_ms,
        approval_id=0,
        agent=names.container_name(agent),
        kind=TERMINAL,
        verdict=Verdict.OPENED.value,
        sha=None,
        decided_by=by,
        note=f"terminal {terminal}",
    )
    store.write(directory, queries.log_entry(entry)).get(timeout=WRITE_SECONDS)


def _compared(directory: Directory, approval_id: int, base: str) -> tuple[Approval, str | None, ApprovalContext]:
    """The approval, the commit to compare it with, and the repositories."""
    approval = store.read(directory, queries.one(approval_id))
    others = store.read(directory, queries.of_agent(approval.agent))
    known = context(directory)
    in_force = known.repositories.applied(approval.agent).in_force()
    return approval, base_sha(Base(base), approval, in_force, others), known


def _unreadable(row: Unreadable) -> dict[str, Any]:
    nothing = dict.fromkeys(("agent", "kind", "verdict", "decided_by", "hash"), "")
    return {"id": row.number, "at": from_ms(0), "approval_id": 0, "sha": None, **nothing, "note": row.sentence}


def _shown(link: Link) -> dict[str, Any]:
    return {**_plain(link.decision), "hash": link.hash}


def _plain(decision: Decision) -> dict[str, Any]:
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
    }
