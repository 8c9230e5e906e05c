"""The source of a bind: a path of the host that the operator has approved, opened without being led anywhere else.

What is approved is the path as it stands in `agent.toml`, and such a path goes through no link. It is opened step by
step, each step from the handle of the one before, when a configuration is checked and again at each start. A step that
has become a link since then refuses the start. Device and inode numbers are not recorded: a restored backup and a
mounted disk change them, and the operator approves a place, not what lies there today.

The hive's own places are compared by device and inode, so that another mount of the same folder is recognised too.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from harness.wire.errors import conflict, forbidden

_Identity = tuple[int, int]


def check_source(source: str, kept: Iterable[Path]) -> None:
    """HiveError when this path of the host cannot be shown: missing, reached through a link, or of the hive itself."""
    os.close(open_source(source, kept))


def open_source(source: str, kept: Iterable[Path]) -> int:
    """A handle (`O_PATH`) on `source`; the caller closes it. `conflict` or `forbidden` as `check_source` says.

    `kept` are the hive's own files and folders: none may be the source, around it or inside it.
    """
    handle, steps = _open(source)
    for place in kept:
        own, around = _identities(place)
        if own in steps or steps[-1] in around:
            os.close(handle)
            raise forbidden(f"{source} holds files of the hive itself", "choose a folder outside of it")
    return handle


def _open(source: str) -> tuple[int, list[_Identity]]:
    """The handle, and the identity of every step from the root."""
    path = PurePosixPath(source)
    if not path.is_absolute() or ".." in path.parts:
        raise conflict(f"{source} is no absolute path", "write the path as it is on the host")
    here = os.open("/", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    steps = [_identity(os.fstat(here))]
    for number, step in enumerate(path.parts[1:], start=2):
        try:
            deeper = os.open(step, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
        except OSError as error:
            raise conflict(f"{source} cannot be shown: {error.strerror}") from None
        finally:
            os.close(here)
        here, status = deeper, os.fstat(deeper)
        if stat.S_ISLNK(status.st_mode):
            os.close(here)
            link = PurePosixPath(*path.parts[:number])
            raise conflict(
                f"{source} goes through the link {link}: what it leads to was not approved",
                "write the path without links, and approve that",
            )
        steps.append(_identity(status))
    return here, steps


def _identities(place: Path) -> tuple[_Identity | None, frozenset[_Identity]]:
    """What `place` is, and what is around it; nothing for a place that does not exist."""
    real = place.resolve()
    around = frozenset(_identity(folder.stat()) for folder in real.parents if folder.exists())
    return (_identity(real.stat()) if real.exists() else None), around


def _identity(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino
