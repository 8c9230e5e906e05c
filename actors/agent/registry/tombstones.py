"""What is kept of destroyed agents: their folders, read from outside and never followed out of.

Blocking; for a native thread.
"""

import os
from collections.abc import Collection
from pathlib import Path

from actors.agent.workspace.paths import AgentPaths, Workspace
from actors.agent.workspace.walk_tree import walk_tree
from harness.wire.errors import HiveError
from harness.wire.operator_rows import Tombstone
from harness.wire.times import from_ms

CREDENTIALS = ".credentials.json"
MAX_ENTRIES = 200_000
"""Of one tombstone. Counting them takes about a second."""
LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999: an agent may set any time on its files."""


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
    """Its size in bytes on the disk, its latest change, and whether it still has a login.

    Size and change are unknown (None) for more than `MAX_ENTRIES` files and folders, and for what cannot be read.
    """
    bytes_, latest, entries = 0, 0.0, 0
    for folder in (paths.root, paths.proposal):
        try:
            for _, _, status in walk_tree(folder):
                bytes_ += status.st_blocks * 512
                latest = max(latest, status.st_mtime)
                entries += 1
                if entries > MAX_ENTRIES:
                    return _of_unknown_size(paths)
        except FileNotFoundError:
            continue
        except OSError:
            return _of_unknown_size(paths)
    return Tombstone(
        name=paths.name,
        size_bytes=bytes_,
        changed_at=from_ms(min(int(latest * 1000), LATEST_MS)) if latest > 0 else None,
        credentials=_has_credentials(paths),
    )


def _of_unknown_size(paths: AgentPaths) -> Tombstone:
    return Tombstone(name=paths.name, credentials=_has_credentials(paths))


def _has_credentials(paths: AgentPaths) -> bool:
    return _is_plain_file(paths.claude / CREDENTIALS)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder; nothing for one that goes or cannot be read meanwhile."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and not path.parent.is_symlink()
