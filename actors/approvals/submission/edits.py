"""Proposals whose commits the host makes for the operator: an edit, and the reverse of a deployed change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actors.agent.registry import api as agents
from actors.agent.repos import Applied, edit, tree_policy
from actors.agent.repos.edit import Content
from actors.agent.repos.merge import three_way
from actors.approvals import queries
from actors.approvals.approval import Approval
from actors.approvals.context import ApprovalContext
from actors.approvals.messages import QUEUE, GetContext
from actors.approvals.states import ApprovalKind, ApprovalStatus
from actors.approvals.steps import ApprovalStep, under_way
from actors.approvals.submission.proposals import ASK_SECONDS, Submission
from actors.store import api as store
from actors.supervision import Clock, Directory
from harness.wire import names
from harness.wire.agent_api import ApprovalReply
from harness.wire.errors import HiveError, bad_request, conflict, not_found


@dataclass(frozen=True, slots=True)
class Reverse:
    """What takes one deployed change out of the commit in force: the changed files, or those that are in the way."""

    approval: Approval
    applied: Applied
    in_force: str
    changes: Mapping[str, Content | None]
    conflicts: Sequence[str]

    def obstacle(self) -> HiveError | None:
        """Why the change cannot be taken out: later ones are in the way, or nothing of it is left. None: it can."""
        number, shown = self.approval.id, names.broker_name(self.approval.agent)
        if self.conflicts:
            return conflict(
                f"approval {number} cannot be reverted: later changes are in the same lines of "
                f"{', '.join(self.conflicts)}",
                f"`hive config edit {shown}` takes them back by hand",
            )
        if not self.changes:
            return conflict(f"nothing of approval {number} is in force any more", f"`hive config log {shown}`")
        return None


class Edits:
    """The requests of one proposer; `by` is the author of the commits."""

    def __init__(self, directory: Directory, clock: Clock, *, by: str) -> None:
        self._directory = directory
        self._clock = clock
        self._by = by
        self._submission = Submission(directory, clock, by=by)
        self._context: ApprovalContext = directory.ask(QUEUE, GetContext(), timeout=ASK_SECONDS)

    def source(self, name: str, path: str) -> tuple[str, str | None]:
        """The commit in force and the exact text of one file of it, None where there is no such file.

        `bad_request` for a file that is no text: an editor would damage it.
        """
        applied = self._applied(name)
        sha = _in_force(applied, name)
        tree_policy.check_path(path)
        found = edit.files(applied.git, sha).get(path)
        if found is None:
            return sha, None
        try:
            return sha, edit.text(applied.git, found)
        except UnicodeDecodeError:
            raise bad_request(
                f"{path} is no text", "commit it in the proposed repository, then `hive propose`"
            ) from None

    def edit(self, name: str, base_sha: str, texts: Mapping[str, str | None], description: str | None) -> ApprovalReply:
        """Propose the configuration in force with these files; None removes one. `conflict` when `base_sha` is not."""
        applied = self._applied(name)
        in_force = _in_force(applied, name)
        if not in_force.startswith(base_sha):
            raise conflict(f"{base_sha[:12]} is not in force for {name} any more", "edit what is in force now")
        for path in texts:
            tree_policy.check_path(path)
        changes = edit.contents(applied.git, in_force, texts)
        before = edit.files(applied.git, in_force)
        if all(before.get(path) == content for path, content in changes.items()):
            raise conflict("nothing was changed")
        about = description or f"the operator edits {', '.join(sorted(texts))}"
        return self._propose(applied, in_force, changes, about)

    def revert(self, approval_id: int, description: str | None) -> ApprovalReply:
        """Propose the configuration in force without one deployed change."""
        reverse = self._reverse(approval_id)
        if (obstacle := reverse.obstacle()) is not None:
            raise obstacle
        about = f"{description or f'reverts approval {approval_id}'}\n\nThis reverts commit {reverse.approval.sha}."
        return self._propose(reverse.applied, reverse.in_force, reverse.changes, about)

    def reverse_of(self, approval_id: int) -> "Reverse":
        """The reverse of a deployed change, for a look at it. Raises as `revert` for a change that has none at all."""
        return self._reverse(approval_id)

    def again(self, approval_id: int) -> ApprovalReply:
        """Propose the commit of a denied change once more."""
        approval = store.read(self._directory, queries.one(approval_id))
        if approval.status is not ApprovalStatus.DENIED:
            raise conflict(f"approval {approval_id} was not denied", "`hive pending --all` says how it ended")
        if approval.kind is not ApprovalKind.APPLY_COMMIT:
            raise conflict(
                f"approval {approval_id} proposed a new agent", f"`hive propose {approval.agent} {approval.sha[:12]}`"
            )
        applied = self._applied(names.broker_name(approval.agent))
        about = f"again: {approval.description or f'approval {approval_id}'}"
        return self._submission.file(approval.kind, applied.name, approval.commit_ref, approval.sha, about)

    # ---- private work ------------------------------------------------------------------------------

    def _reverse(self, approval_id: int) -> "Reverse":
        approval = store.read(self._directory, queries.one(approval_id))
        shown = names.broker_name(approval.agent)
        _check_deployed(approval, shown)
        applied = self._applied(shown)
        in_force = _in_force(applied, shown)
        merge = three_way(applied.git, approval.sha, in_force, approval.base_sha)
        return Reverse(approval, applied, in_force, merge.changes, merge.conflicts)

    def _applied(self, name: str) -> Applied:
        if names.broker_name(name) not in agents.names(self._directory):
            raise not_found(f"agent {name!r}", "`hive agents` lists them")
        return self._context.repositories.applied(name)

    def _propose(self, applied: Applied, base: str, changes: Mapping[str, Content | None], about: str) -> ApprovalReply:
        sha = edit.commit(applied.git, base, changes, f"{about}\n", author=self._by, at_ms=self._clock.now_ms())
        applied.entries(sha)  # within the limits of a tree
        description = about.partition("\n")[0]
        return self._submission.file(ApprovalKind.APPLY_COMMIT, applied.name, sha, sha, description)


def _in_force(applied: Applied, name: str) -> str:
    sha = applied.in_force()
    if sha is None:
        raise not_found(f"configuration in force of {name!r}")
    return sha


def _check_deployed(approval: Approval, shown: str) -> None:
    if under_way(approval.step):
        raise conflict(f"approval {approval.id} is being carried out", "try again when it has ended")
    if approval.status is not ApprovalStatus.APPROVED or approval.step is not ApprovalStep.FINALIZED:
        raise conflict(f"approval {approval.id} was not deployed: there is nothing to revert", "`hive pending --all`")
    if approval.base_sha is None:
        raise conflict(f"approval {approval.id} created {shown}", f"`hive destroy {shown}` removes it")
