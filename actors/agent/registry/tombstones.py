"""What is kept of destroyed agents: their folders, read from outside and never followed out of.

Blocking; for a native thread.
"""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from actors.agent.workspace.paths import AgentPaths, Workspace
from harness.wire.errors import HiveError
from harness.wire.operator_rows import Tombstone
from harness.wire.times import from_ms

CREDENTIALS = ".credentials.json"


def find_tombstones(workspace: Workspace, taken: Collection[str]) -> list[Tombstone]:
    """Every folder of an agent that had a configuration in force and that no agent uses, by name.

    A folder without a configuration in force is a draft.
    """
    found = []
    for entry in sorted(_entries(workspace.agents), key=lambda entry: entry.name):
        if entry.name in taken or not entry.is_dir(follow_symlinks=False):
            continue
        try:
            paths = workspace.of(entry.name)
        except HiveError:
            continue  # no agent can have that name
        if paths.name == entry.name and (paths.applied / "agent.toml").is_file():
            found.append(_tombstone(paths))
    return found


def _tombstone(paths: AgentPaths) -> Tombstone:
    """Its size in bytes on the disk, its latest change, and whether it still has a login."""
    bytes_, latest = 0, 0.0
    for status in (*_below(paths.root), *_below(paths.proposal)):
        bytes_ += status.st_blocks * 512
        latest = max(latest, status.st_mtime)
    return Tombstone(
        name=paths.name,
        size_bytes=bytes_,
        changed_at=from_ms(int(latest * 1000)) if latest else None,
        credentials=_is_plain_file(paths.claude / CREDENTIALS),
    )


def _below(folder: Path) -> Iterator[os.stat_result]:
    """Without recursion: how deep it goes is up to the agent."""
    folders = [folder]
    while folders:
        for entry in _entries(folders.pop()):
            try:
                yield entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder; nothing for one that goes or cannot be read meanwhile."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and not path.parent.is_symlink()
