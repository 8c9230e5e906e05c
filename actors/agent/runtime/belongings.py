"""Whose an agent's folders are while it runs in a user namespace of its own.

Its state, claude and home are its own, and only it is shown them. What is kept for its harness stays the host's. Its
config is the manager's, who proposes; the agent reads it, and so is what is staged for a draft. The folders around stay
the host's, so that nobody can put something else in the place of one. Of the host's users nobody reaches any of them:
the state dir is its owner's alone.
"""

import contextlib
import os
from pathlib import Path

from actors.agent.runtime import userns
from actors.agent.workspace.paths import AgentPaths
from harness.wire.names import MANAGER_CONTAINER

OPEN, OWN = 0o755, 0o700
OWNERS = "owners"
"""In `agents/<n>`, the host's: whom the folders beside it were given to, so that another runtime gives them anew."""


class Belongings:
    """The folders of one agent, which has one uid of its range, `inside` counted from the first. That of root is 0.

    The range is drawn when it is first asked for.
    """

    def __init__(self, paths: AgentPaths, *, inside: int = 0) -> None:
        self._paths = paths
        ranges = userns.Ranges(paths.root.parent.parent)
        self.base = ranges.base(paths.name)
        """The first host uid of the agent's range."""
        self.owner = self.base + inside
        """The host uid of the agent."""
        self._leader = ranges.base(MANAGER_CONTAINER) + inside

    def give(self) -> None:
        """Hand the folders over. Idempotent; to be called before every start, and after the host wrote to `config`."""
        paths = self._paths
        owners = f"one uid {self.owner}"
        known = _text(paths.root / OWNERS) == owners
        for folder in (paths.state, paths.claude, paths.home):
            if not (known and userns.is_given(folder, self.base)):
                userns.give_all(folder, self.owner, exact=True)
            folder.chmod(OWN)
        if not known:
            (paths.root / OWNERS).write_text(owners)
        userns.give_all(paths.config, self._leader)  # the host writes there too, so a look at the top tells nothing
        for folder in (paths.config, paths.proposal, paths.proposal.parent, paths.socket_dir):
            folder.chmod(OPEN)
        if paths.name != MANAGER_CONTAINER:
            with contextlib.suppress(FileNotFoundError):
                userns.give_all(paths.staged, self._leader)
        else:
            self._give_proposals()
        userns.open_to_all(paths.root.parent.parent / "shared")
        with contextlib.suppress(FileNotFoundError):
            os.chown(paths.config_json, self.owner, self.owner)

    def _give_proposals(self) -> None:
        """Every agent's proposed configuration to the manager: of those too that have not started since."""
        for proposal in self._paths.proposal.parent.iterdir():
            config = proposal / self._paths.config.name
            if not proposal.is_symlink() and config.is_dir() and not config.is_symlink():
                proposal.chmod(OPEN)
                config.chmod(OPEN)
                userns.give_all(config, self._leader)

    def write(self, name: str, text: str, *, mode: int = 0o400) -> None:
        """Put a file of the container's root beside the agent's socket, as a whole."""
        part = self._paths.socket_dir / f".{name}.part"
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
        with os.fdopen(handle, "w") as stream:
            stream.write(text)
            os.fchown(handle, self.base, self.base)
            os.fchmod(handle, mode)
        part.rename(self._file(name))

    def forget(self, *names: str) -> None:
        """Remove such files."""
        for name in names:
            self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self._paths.socket_dir / name


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except FileNotFoundError:
        return None
