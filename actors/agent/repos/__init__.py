"""The git of the hive: what is proposed, what is applied, and the history of the whole swarm.

- *proposed*, `proposed/<n>/config`: the agent's or the manager's to write. Made by the host once (`proposed`); after
  that no git of the host ever runs in it, only the bytes of its objects are copied out (`objects`, `incoming`).
- *applied*, `applied/<n>`: the host's. Every proposed commit, the tags that tell what became of it, the files in
  force (`applied`, `history`).
- *meta*: the host's. One commit per successful deployment of anybody (`meta`).

`git` is the only file that runs git. docs/approvals.md tells the rules.
"""

import logging
from collections.abc import Mapping

from actors.agent.repos import proposed
from actors.agent.repos.applied import CONFIG_FILE, Applied, Mark
from actors.agent.repos.meta import Meta
from actors.agent.workspace.paths import Workspace
from harness.wire.errors import HiveError

log = logging.getLogger(__name__)

__all__ = ["CONFIG_FILE", "Applied", "Mark", "Meta", "Repositories"]


class Repositories:
    """All repositories below one state dir. A value: it holds paths and nothing else."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.meta = Meta(workspace.state_dir / "meta")
        self._staging = workspace.state_dir / "staging"

    def applied(self, name: str) -> Applied:
        """The applied repository of an agent, by either spelling, whether it is there yet or not."""
        paths = self.workspace.of(name)
        return Applied(paths.applied, self.workspace.proposed, paths.name)

    def draft(self, name: str, files: Mapping[str, str], *, at_ms: int, remote: str | None = None) -> bool:
        """Make the proposed repository and the folders around it; False when there is one, which is kept.

        `remote` is where the proposer finds the applied repository; its place on this host if not given.
        """
        paths = self.workspace.prepare(name)
        url = remote if remote is not None else str(self.applied(name).git.git_dir)
        self.applied(name).git.init()
        return proposed.create(paths.config, self._staging, files, remote=url, at_ms=at_ms)

    def establish(self, name: str, files: Mapping[str, str], *, at_ms: int, remote: str | None = None) -> str:
        """Put an agent in force that needs no approval (the manager, the operator's own spawn); returns the sha.

        One that is in force is left as it is. Otherwise the proposed repository is made if there is none, and
        `files` are committed for the host, whatever the proposed repository holds: it has not been reviewed.
        `remote` as for `draft`.
        """
        applied = self.applied(name)
        in_force = applied.in_force()
        if in_force is None:
            self.draft(name, files, at_ms=at_ms, remote=remote)
            in_force = applied.git.commit_files(files, at_ms=at_ms)
            tag = applied.mark(Mark.DEPLOYED, 0, in_force, at_ms=at_ms)
            applied.swap(in_force)
            self.meta.record(applied.name, in_force, tag, applied.git, at_ms=at_ms)
        elif applied.shown() != in_force:
            applied.swap(in_force)
        return in_force

    def drafts(self) -> list[str]:
        """Container names that have a proposed repository and nothing in force: prepared, not yet spawned."""
        return sorted(
            folder.name
            for folder in self.workspace.proposed.glob("*")
            if (folder / "config" / ".git").is_dir() and self.applied(folder.name).shown() is None
        )

    def tidy(self) -> None:
        """Remove what a killed host left half-done anywhere. Only at the start of the host."""
        proposed.tidy(self._staging)
        self._adopt()
        self.meta.tidy()
        for folder in self.workspace.applied.glob("*"):
            if folder.is_dir():
                self.applied(folder.name).tidy()

    def _adopt(self) -> None:
        """Move drafts and tombstones of an older hive; what is in the way is left and reported."""
        for folder in sorted(self.workspace.agents.glob("*")):
            try:
                self.workspace.adopt(folder.name)
            except HiveError as error:
                log.warning("a proposed repository was left where it is agent=%s error=%s", folder.name, error)
