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

# The folder above may be the manager's to write: what is there is looked at and replaced by way of one handle of it.
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def create(folder: Path, staging: Path, files: Mapping[str, str], *, remote: str | None, at_ms: int) -> bool:
    """Make the repository at `folder` (`proposed/<n>/config`) with `files` as first commit. False when one is there.

    `staging` is a folder of the host's own on the same file system. `remote` becomes the remote `applied`.
    `conflict` when something else is in the way.
    """
    try:
        parent = os.open(folder.parent, _FOLDER)
    except OSError:
        raise conflict(f"{folder.parent} is in the way: it is no folder", "look at it and move it away") from None
    staging.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=staging))
    try:
        if _is_taken(parent, folder):
            return False
        _build(fresh, files, remote, at_ms)
        _move(fresh, parent, folder)
    finally:
        os.close(parent)
        shutil.rmtree(fresh, ignore_errors=True)
    return True


def tidy(staging: Path) -> None:
    """Remove what a killed host left half-built."""
    for left in staging.glob(f"{_BUILDING}*"):
        shutil.rmtree(left, ignore_errors=True)


def _is_taken(parent: int, folder: Path) -> bool:
    try:
        here = os.open(folder.name, _FOLDER, dir_fd=parent)
    except FileNotFoundError:
        return False
    except OSError:
        raise conflict(f"{folder} is in the way: it is no folder", "look at it and move it away") from None
    try:
        with os.scandir(here) as entries:
            return any(entries)
    finally:
        os.close(here)


def _move(fresh: Path, parent: int, folder: Path) -> None:
    """The system replaces an empty folder by a folder and nothing else, so no work is lost."""
    try:
        os.rename(fresh, folder.name, dst_dir_fd=parent)
    except OSError:
        raise conflict(f"{folder} is in the way", "look at it and move it away") from None


def _build(folder: Path, files: Mapping[str, str], remote: str | None, at_ms: int) -> None:
    git = Git(folder / ".git")
    git.run("init", "--quiet", "--bare")
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8")
    commit = git.commit_files(files, at_ms=at_ms)
    git.run("update-ref", "refs/heads/main", commit)
    (folder / ".git" / "config").write_text(_configuration(remote), encoding="utf-8")
    # The index, so that `git status` in the fresh repository is clean.
    git.run("read-tree", commit)


def _configuration(remote: str | None) -> str:
    """What `git init` writes, and the remote `applied`, which cannot be pushed to."""
    text = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n"
    if remote is None:
        return text
    url = remote.replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'{text}[remote "applied"]\n\turl = "{url}"\n\tpushurl = /nonexistent/applied-is-read-only\n'
        "\tfetch = +refs/heads/*:refs/remotes/applied/*\n"
    )
