"""What an agent has on the disk: blocks, not sizes, so that sparse files count as little as they cost.

Blocking; for a native thread. Follows no link and holds two handles, whatever shape the agent has given its folders.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from actors.agent.workspace.paths import AgentPaths
from actors.agent.workspace.walk_tree import walk_tree

BLOCK = 512
ENTRY_BYTES = 512
"""What an empty file costs at least, in an inode and a name."""
MAX_ENTRIES = 500_000
"""Counting so many takes some seconds; an agent with more is over its limit."""
TRIES = 3
"""A folder that changes while it is walked over is walked over again."""


@dataclass(frozen=True, slots=True)
class Usage:
    """`complete` is False where the figures are a lower bound: more entries than are counted, or changes meanwhile.

    `mail_bytes` are those of `disk_bytes` that are mail which it has sent.
    """

    disk_bytes: int = 0
    entries: int = 0
    complete: bool = True
    mail_bytes: int = 0

    def with_mail(self, size: int) -> "Usage":
        """What is used, with so much mail."""
        return replace(self, disk_bytes=self.disk_bytes + size, mail_bytes=size)

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.disk_bytes + other.disk_bytes, self.entries + other.entries, self.complete and other.complete)


def disk_usage(paths: AgentPaths) -> Usage:
    """Of its own folders, its proposal, what nspawn keeps of its system, and its log.

    What it shares in `/shared`, and files that it has deleted and holds open, are not counted.
    """
    total = _files((paths.log, paths.log.with_suffix(".log.1")))
    for folder in (paths.state, paths.home, paths.claude, paths.harness, paths.proposal, paths.root / "layer/upper"):
        total += _folder(folder, MAX_ENTRIES - total.entries)
    return total


def _files(files: Iterable[Path]) -> Usage:
    total = Usage()
    for file in files:
        try:
            total += Usage(file.lstat().st_blocks * BLOCK, 1)
        except FileNotFoundError:
            continue
    return total


def _folder(folder: Path, most: int) -> Usage:
    """The largest of a few tries where none was complete."""
    found = []
    for _ in range(TRIES):
        found.append(_walk(folder, most))
        if found[-1].complete or found[-1].entries >= most:
            break
    return next((one for one in found if one.complete), max(found, key=lambda one: one.disk_bytes))


def _walk(folder: Path, most: int) -> Usage:
    disk_bytes = entries = 0
    try:
        for status in _statuses(folder):
            # A file with several names is counted in parts, which add up where all of them are here.
            disk_bytes += status.st_blocks * BLOCK // max(1, status.st_nlink) + ENTRY_BYTES
            entries += 1
            if entries >= most:
                return Usage(disk_bytes, entries, complete=False)
    except FileNotFoundError:
        return Usage(disk_bytes, entries, complete=not folder.exists())
    except OSError:
        return Usage(disk_bytes, entries, complete=False)
    return Usage(disk_bytes, entries)


def _statuses(folder: Path) -> Iterator[os.stat_result]:
    for _, _, status in walk_tree(folder):
        yield status
