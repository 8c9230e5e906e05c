"""Repositories made once by the real git of the hive, and copied for the tests whose subject they are not."""

import shutil
from itertools import count
from pathlib import Path

from actors.agent import config
from actors.agent.repos import Repositories
from actors.agent.workspace.paths import Workspace

MODEL = "model"


class Stock:
    """A repository once made is the same for every agent with these files, whatever the date."""

    def __init__(self):
        self.folder = None
        self._made, self._numbers = {}, count()

    def open(self, folder):
        """Keep the originals here; nothing is in stock before."""
        self.folder = folder

    def seed(self, workspace, name, *, default_model, remote, at_ms):
        """Stands for `first_configuration`."""
        files = {config.FILE_NAME: config.template(default_model)}
        return self.establish(Repositories(workspace), name, files, at_ms=at_ms, remote=remote)

    def draft(self, repositories, name, files, *, at_ms):
        """As `Repositories.draft`."""
        if not self._is_new(repositories, name):
            return repositories.draft(name, files, at_ms=at_ms)
        original = self._original("draft", files, lambda fresh: fresh.draft(MODEL, files, at_ms=at_ms))
        self._copy(original, repositories, name)
        return True

    def establish(self, repositories, name, files, *, at_ms, remote=None):
        """As `Repositories.establish`."""
        if not self._is_new(repositories, name):
            return repositories.establish(name, files, at_ms=at_ms, remote=remote)
        original = self._original("in force", files, lambda fresh: fresh.establish(MODEL, files, at_ms=at_ms))
        self._copy(original, repositories, name, remote)
        sha = repositories.applied(name).shown()
        self._record(repositories, name, sha, at_ms)
        return sha

    @staticmethod
    def _is_new(repositories, name):
        paths = repositories.workspace.prepare(name)
        return not any(paths.config.iterdir()) and not any(paths.applied.iterdir())

    def _original(self, kind, files, make):
        key = (kind, *sorted(files.items()))
        if key not in self._made:
            place = self.folder / str(next(self._numbers))
            make(fresh := Repositories(Workspace(place / "state", place / "run")))
            self._made[key] = fresh
        return self._made[key]

    @staticmethod
    def _copy(original, repositories, name, remote=None):
        made, wanted = original.workspace.of(MODEL), repositories.workspace.of(name)
        for folder in ("config", "applied"):
            shutil.copytree(getattr(made, folder), getattr(wanted, folder), symlinks=True, dirs_exist_ok=True)
        told = wanted.config / ".git" / "config"  # it names the place of the applied repository
        told.write_text(
            told.read_text().replace(str(made.applied / "repo.git"), remote or str(wanted.applied / "repo.git"))
        )

    def _record(self, repositories, name, sha, at_ms):
        """The history of the swarm with one deployment more: the same after the same history."""
        folder = repositories.meta.git.git_dir
        key = (_tip(folder), name, sha)
        if key in self._made:
            shutil.copytree(self._made[key], folder, symlinks=True, dirs_exist_ok=True)
            return
        applied = repositories.applied(name)
        repositories.meta.record(applied.name, sha, "deployed/0", applied.git, at_ms=at_ms)
        self._made[key] = shutil.copytree(folder, self.folder / str(next(self._numbers)), symlinks=True)


def _tip(folder: Path):
    branch = folder / "refs" / "heads" / "main"
    return branch.read_text() if branch.exists() else None


STOCK = Stock()
