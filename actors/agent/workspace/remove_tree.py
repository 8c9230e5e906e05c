"""Deleting a folder that an untrusted program has filled: never out of it, however deep, and whatever modes it has.

Works from directory handles and follows no link. Depth costs nothing: what lies in a folder's folders is moved up to
the top first, so that two levels are open at a time. Blocking; for a native thread.
"""

import os
import stat
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def remove_tree(folder: Path) -> None:
    """Delete `folder` and all below it; a link in its place goes, what it points to stays. Raises OSError."""
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(status.st_mode):
        folder.unlink()
        return
    parent = os.open(folder.parent, _FOLDER)
    try:
        top = _open(folder.name, parent)
        try:
            _empty(top)
        finally:
            os.close(top)
        os.rmdir(folder.name, dir_fd=parent)
    finally:
        os.close(parent)


def _empty(top: int) -> None:
    """Take level after level up to the top and delete what is no folder, until nothing is left."""
    moved = 0
    while folders := _delete_files(top):
        for name in folders:
            inner = _open(name, top)
            try:
                for deeper in _delete_files(inner):
                    moved += 1
                    _open_up(deeper, inner)
                    os.rename(deeper, _free_name(top, moved), src_dir_fd=inner, dst_dir_fd=top)
            finally:
                os.close(inner)
            os.rmdir(name, dir_fd=top)


def _delete_files(folder: int) -> list[str]:
    """Delete what is no folder; the names of the folders."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                os.unlink(entry.name, dir_fd=folder)
    return folders


def _open(name: str, parent: int) -> int:
    _open_up(name, parent)
    return os.open(name, _FOLDER, dir_fd=parent)


def _open_up(name: str, parent: int) -> None:
    """Give its owner all rights, without following a link: moving a folder writes into it."""
    handle = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            Path(f"/proc/self/fd/{handle}").chmod(0o700)
    finally:
        os.close(handle)


def _free_name(top: int, number: int) -> str:
    name = f"{number}"
    while _exists(name, top):
        name += "-"
    return name


def _exists(name: str, parent: int) -> bool:
    try:
        os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
