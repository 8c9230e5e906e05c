"""Reading a file that an agent owns, from outside, without being led anywhere else by it."""

import os
import stat
from pathlib import Path

from harness.wire.errors import ErrorCode, HiveError, bad_request, forbidden, not_found

MAX_FILE_BYTES = 1024 * 1024

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a pipe that the agent left there must not hang the host.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def open_below(dirfd: int, rel_path: str) -> int:
    """A descriptor of the regular, world-readable file at `rel_path` below `dirfd`; the caller closes it.

    Every component is opened from the handle of the one before and none may be a link, so it does not matter what
    is moved or swapped meanwhile. Raises HiveError: bad_request, not_found or forbidden.
    """
    parts = _parts(rel_path)
    here = os.dup(dirfd)
    try:
        for part in parts[:-1]:
            deeper = _open(part, _FOLDER, here, rel_path)
            os.close(here)
            here = deeper
        file = _open(parts[-1], _FILE, here, rel_path)
    finally:
        os.close(here)
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode) or not status.st_mode & stat.S_IROTH:
        os.close(file)
        raise forbidden(f"{rel_path!r} is not a world-readable regular file", "chmod o+r it")
    return file


def read_below(folder: Path, rel_path: str) -> str:
    """The text of such a file below `folder`, at most 1 MiB; bytes that are no UTF-8 are replaced."""
    try:
        root = os.open(folder, _FOLDER)
    except OSError:
        raise not_found(f"folder {folder.name!r} of this agent") from None
    try:
        file = open_below(root, rel_path)
    finally:
        os.close(root)
    with os.fdopen(file, "rb") as stream:
        content = stream.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise HiveError(ErrorCode.TOO_LARGE, f"{rel_path!r} is larger than {MAX_FILE_BYTES} bytes")
    return content.decode(errors="replace")


def _parts(rel_path: str) -> list[str]:
    parts = rel_path.split("/")
    if not rel_path or "\0" in rel_path or any(part in {"", ".", ".."} for part in parts):
        raise bad_request(
            f"{rel_path[:200]!r} is no path below the agent's state", "give it relative, without . and .."
        )
    return parts


def _open(part: str, flags: int, dirfd: int, rel_path: str) -> int:
    try:
        return os.open(part, flags, dir_fd=dirfd)
    except (FileNotFoundError, NotADirectoryError):
        # With O_DIRECTORY a link to a folder is "not a directory": the agent's links do not exist for us.
        raise not_found(f"file {rel_path!r}") from None
    except OSError as error:
        raise forbidden(f"{rel_path!r} cannot be opened: {error.strerror}") from None
