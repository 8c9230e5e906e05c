"""The proposed repository of an agent: made by the host once, and from then on never touched by a git of the host's.

It is built out of sight and moved into place whole, so no git of ours runs where an agent already writes.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from actors.agent.repos.git import Git
from harness.wire.errors import conflict

_BUILDING = ".draft-"


def create(folder: Path, staging: Path, files: Mapping[str, str], *, remote: str | None, at_ms: int) -> bool:
    """Make the repository at `folder` (`agents/<n>/config`) with `files` as first commit. False when one is there.

    `staging` is a folder of the host's own on the same file system. `remote` becomes the remote `applied`.
    `conflict` when something else is in the way.
    """
    if os.path.lexists(folder):
        if folder.is_symlink() or not folder.is_dir():
            raise conflict(f"{folder} is in the way: it is no folder", "look at it and move it away")
        if any(folder.iterdir()):
            return False
    staging.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=staging))
    try:
        _build(fresh, files, remote, at_ms)
        # rename replaces an empty folder and nothing else: an agent can not lose work by it.
        try:
            fresh.rename(folder)
        except OSError:
            raise conflict(f"{folder} is in the way", "look at it and move it away") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return True


def tidy(staging: Path) -> None:
    """Remove what a killed host left half-built."""
    for left in staging.glob(f"{_BUILDING}*"):
        shutil.rmtree(left, ignore_errors=True)


def _build(folder: Path, files: Mapping[str, str], remote: str | None, at_ms: int) -> None:
    git = Git(folder / ".git")
    git.run("init", "--quiet", "--bare")
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8")
    commit = git.commit_files(files, at_ms=at_ms)
    git.run("update-ref", "refs/heads/main", commit)
    git.run("config", "core.bare", "false")
    if remote is not None:
        git.run("config", "remote.applied.url", remote)
        git.run("config", "remote.applied.fetch", "+refs/heads/*:refs/remotes/applied/*")
        git.run("config", "remote.applied.pushurl", "/nonexistent/applied-is-read-only")
    # The index, so that `git status` in the fresh repository is clean.
    git.run("read-tree", commit)
