"""Old transcripts of Claude and rotated logs: what an agent's conversations leave behind, dropped by age. Blocking.

The folders are the agent's: it may link, move and date what is in them as it likes. No link is followed, and a date in
the future only keeps a file of its own, which its quota counts.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from actors.agent.workspace.paths import AgentPaths
from actors.agent.workspace.walk_tree import walk_tree

SWEPT = ("projects", "file-history", "shell-snapshots", "todos", "debug")
"""Folders below `claude/` in which Claude Code keeps what belongs to one session each."""


def sweep(paths: AgentPaths, *, before: float) -> int:
    """Delete what was last written before that time (seconds UTC); how many files.

    The newest transcript stays at any age: it is the session that the agent goes on with.
    """
    newest = _newest(paths.claude / "projects")
    count = sum(_drop(paths.claude / name, before=before, keep=newest) for name in SWEPT)
    rotated = paths.log.with_suffix(".log.1")
    try:
        if rotated.lstat().st_mtime < before:
            rotated.unlink()
            count += 1
    except FileNotFoundError:
        pass
    return count


def _newest(folder: Path) -> int | None:
    """The inode of the file that was written last."""
    files = [(status.st_mtime, status.st_ino) for _, _, status in _files(folder)]
    return max(files)[1] if files else None


def _drop(folder: Path, *, before: float, keep: int | None) -> int:
    count = 0
    for name, around, status in _files(folder):
        if status.st_mtime < before and status.st_ino != keep:
            os.unlink(name, dir_fd=around)
            count += 1
    return count


def _files(folder: Path) -> Iterator[tuple[str, int, os.stat_result]]:
    """What is no folder, at any depth; nothing where there is no such folder."""
    try:
        for name, around, status in walk_tree(folder):
            if not stat.S_ISDIR(status.st_mode):
                yield name, around, status
    except (FileNotFoundError, NotADirectoryError):
        return
