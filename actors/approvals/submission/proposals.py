"""How a proposal becomes a pending approval.

Runs in the greenlet of the request: a slow repository holds up no other request. Everything that can be wrong with a
proposal is found here, before there is a row: a refusal leaves nothing behind but git objects without a name.
"""

from actors.agent.registry import api as agents
from actors.agent.repos import CONFIG_FILE
from actors.agent.repos.notes import take as take_notes
from actors.approvals.checks import check_files, refused
from actors.approvals.context import ApprovalContext
from actors.approvals.messages import QUEUE, CheckDraft, File, GetContext, Withdraw
from actors.approvals.states import ApprovalKind
from actors.broker import api as broker
from actors.broker.manager_events import to_manager
from actors.events import emit
from actors.peers.queries import check_no_peer
from actors.store import api as store
from actors.supervision import Clock, Directory
from harness.wire import names
from harness.wire.agent_api import ApprovalReply, DraftReply
from harness.wire.errors import HiveError, conflict, not_found
from harness.wire.events import ConfigReady

ASK_SECONDS = 30.0
MAX_DRAFTS = 100
"""How many agents a proposer who is not the operator may prepare without proposing an end: each is a repository."""


class Submission:
    """The requests of one proposer; `by` is written into the row."""

    def __init__(self, directory: Directory, clock: Clock, *, by: str, cause: str | None = None) -> None:
        self._directory = directory
        self._clock = clock
        self._by = by
        self._cause = cause
        self._context: ApprovalContext = directory.ask(QUEUE, GetContext(), timeout=ASK_SECONDS)

    def draft(self, name: str) -> DraftReply:
        """Make a new agent's repository and folders; existing ones are kept. No container, no approval."""
        container = self._new(name)
        self._make_draft(container)
        return DraftReply(
            config_path=str(self._context.config_path(container)), state_path=str(self._context.state_path(container))
        )

    def spawn(self, name: str, description: str | None) -> ApprovalReply:
        """Propose an agent with the configuration that every new agent starts with."""
        container = self._new(name)
        self._make_draft(container)
        git = self._context.repositories.applied(container).git
        sha = git.commit_files(self._context.first_files(), at_ms=self._clock.now_ms())
        return self.file(ApprovalKind.SPAWN, container, sha, sha, description)

    def spawn_commit(self, name: str, commit_ref: str, description: str | None) -> ApprovalReply:
        """Propose an agent with a commit of its draft."""
        container = self._new(name)
        if not self._context.repositories.workspace.of(container).config.is_dir():
            raise not_found(f"draft of {name!r}", "request_spawn_draft makes one")
        return self._propose(ApprovalKind.SPAWN, container, commit_ref, description)

    def apply_commit(self, name: str, commit_ref: str, description: str | None) -> ApprovalReply:
        """Propose a new configuration for an agent that exists."""
        if names.broker_name(name) not in agents.names(self._directory):
            raise not_found(f"agent {name!r}", "request_spawn proposes a new one")
        return self._propose(ApprovalKind.APPLY_COMMIT, names.container_name(name), commit_ref, description)

    def revive(self, name: str) -> ApprovalReply:
        """Propose a destroyed agent again, with its files and its last configuration."""
        container = self._new(name)
        if not self._context.repositories.workspace.of(container).root.is_dir():
            raise not_found(f"kept state of {name!r}", "`hive tombstones` lists what is kept")
        sha = self._context.repositories.applied(container).in_force()
        if sha is None:
            return self.spawn(name, f"revive {name} with the state it left")
        return self.file(ApprovalKind.SPAWN, container, sha, sha, f"revive {name} with the state it left")

    def discard(self, name: str) -> None:
        """Delete the repository and the notes of a draft. What was proposed of it stays in the host's repository."""
        context = self._context
        container = names.container_name(name)
        if container not in context.repositories.drafts():
            raise not_found(f"draft of {name!r}", "`hive draft list` lists them")
        self._directory.ask(QUEUE, CheckDraft(container), timeout=ASK_SECONDS)
        context.repositories.workspace.discard(container)
        emit(self._directory, "drafts", {})

    def withdraw(self, approval_id: int) -> str:
        """Take back a proposal of one's own that waits for its decision; what happens, in a sentence.

        `forbidden` for that of another one. The operator also takes back what was approved and is not in force yet.
        """
        effect: str = self._directory.ask(QUEUE, Withdraw(approval_id, self._by), timeout=ASK_SECONDS)
        return effect

    def file(
        self, kind: ApprovalKind, container: str, commit_ref: str, sha: str, description: str | None
    ) -> ApprovalReply:
        """Propose a commit that is in the host's repository; what it holds is checked first."""
        try:
            self._check(container, sha)
            notes = self._take_notes(container) if kind is ApprovalKind.SPAWN else None
        except HiveError as error:
            raise refused(error) from None
        wanted = File(kind, container, commit_ref, sha, description, self._by, notes, self._cause)
        number: int = self._directory.ask(QUEUE, wanted, timeout=ASK_SECONDS)
        return ApprovalReply(approval_id=number, sha=sha)

    # ---- private work ------------------------------------------------------------------------------

    def _new(self, name: str) -> str:
        """The container name of an agent that does not exist yet."""
        self._context.check_name(name)
        if name in agents.names(self._directory):
            raise conflict(f"there is an agent {name!r} already", "request_apply_commit changes it")
        store.read(self._directory, lambda connection: check_no_peer(connection, name))
        return names.container_name(name)

    def _make_draft(self, container: str) -> None:
        """Make its repository, if there is none, and tell the manager, unless the manager asked for it."""
        context = self._context
        is_new = not context.repositories.workspace.of(container).config.is_dir()
        if is_new and self._by != names.OPERATOR and len(context.repositories.drafts()) >= MAX_DRAFTS:
            raise conflict(f"there are {MAX_DRAFTS} drafts already", "`hive draft discard` removes one")
        made = context.repositories.draft(
            container, context.first_files(), at_ms=self._clock.now_ms(), remote=context.remote(container)
        )
        context.repositories.workspace.stage(container)
        context.hand_over(context.repositories.workspace.of(container))
        if not made:
            return
        emit(self._directory, "drafts", {})
        if self._by != names.MANAGER:
            ready = ConfigReady(agent=container, config_path=str(context.config_path(container)))
            broker.post(self._directory, [to_manager(ready)])

    def _propose(self, kind: ApprovalKind, container: str, commit_ref: str, description: str | None) -> ApprovalReply:
        try:
            taken = self._context.repositories.applied(container).take(commit_ref)
        except HiveError as error:
            raise refused(error) from None
        return self.file(kind, container, commit_ref, taken.sha, description)

    def _take_notes(self, container: str) -> str | None:
        """The commit with the notes as they are now: what is approved is what the agent finds, whatever comes later."""
        repositories = self._context.repositories
        steps = repositories.workspace.of(container).staged.relative_to(repositories.workspace.state_dir).parts
        git = repositories.applied(container).git
        return take_notes(repositories.workspace.state_dir, steps, git, at_ms=self._clock.now_ms())

    def _check(self, container: str, sha: str) -> None:
        applied = self._context.repositories.applied(container)
        check_files(entry.path for entry in applied.entries(sha))
        config = self._context.check(applied.text(sha, CONFIG_FILE))
        if self._context.dry_run is None:
            return
        with applied.exported(sha) as tree:
            self._context.dry_run(container, tree, config)
