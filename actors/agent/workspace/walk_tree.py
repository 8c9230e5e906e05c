"""A walk over a folder that an untrusted program has filled: follows no link, however deep it goes.

Two handles are open at a time. The way back up goes through `..`, which must be the folder that the walk came from, so
nothing may be moved meanwhile. Blocking; for a native thread.
"""

import os
import stat
from collections.abc import Generator, Iterator
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def walk_tree(folder: Path) -> Iterator[tuple[str, int, os.stat_result]]:
    """Each entry below `folder` as its name, a handle on the folder around it, and its status; `folder` itself as `.`.

    What lies in a folder comes before the folder. The handle is valid until the next step. Raises OSError.
    """
    here = os.open(folder, _FOLDER)
    try:
        way: list[tuple[str, os.stat_result, list[str]]] = []
        name, status = ".", os.fstat(here)
        inner = yield from _files(here)
        while True:
            if inner:
                way.append((name, status, inner))
                name = inner.pop()
                here = _replace(here, name)
                status = os.fstat(here)
                inner = yield from _files(here)
            elif way:
                child, child_status = name, status
                name, status, inner = way.pop()
                here = _replace(here, "..")
                if not os.path.samestat(os.fstat(here), status):
                    raise OSError(f"{folder} changes while it is walked over")
                yield child, here, child_status
            else:
                yield ".", here, status
                return
    finally:
        os.close(here)


def _files(folder: int) -> Generator[tuple[str, int, os.stat_result], None, list[str]]:
    """What is no folder; returns the names of the folders."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(status.st_mode):
                folders.append(entry.name)
            else:
                yield entry.name, folder, status
    return folders


def _replace(here: int, name: str) -> int:
    deeper = os.open(name, _FOLDER, dir_fd=here)
    os.close(here)
    return deeper
