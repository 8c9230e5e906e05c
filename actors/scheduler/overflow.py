"""The overflow file: a long reminder becomes a file of its agent, and its mail the path of the file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.wire.errors import conflict

MAIL_BYTES = 4096
"""A longer text goes into an overflow file."""

FOLDER = "reminders"
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write_overflow(state: Path, reminder_id: int, text: str) -> str:
    """Write `text` below the agent's state folder and return its relative path. Raises HiveError or OSError.

    The folder belongs to the agent, which is not trusted: no link is followed, nothing is overwritten, and the file is
    the agent's own.
    """
    name = f"{reminder_id}.md"
    with _folder(state) as folder:
        owner = os.fstat(folder)
        # Under another name first: on a full disk a part of the text would else look like the whole at the next try.
        part = f".{name}.part"
        with suppress(FileNotFoundError):
            os.unlink(part, dir_fd=folder)
        handle = os.open(part, _FILE_FLAGS, 0o644, dir_fd=folder)
        try:
            with os.fdopen(handle, "w") as file:
                os.fchown(handle, owner.st_uid, owner.st_gid)
                file.write(text)
            with suppress(FileExistsError):  # an earlier try got this far, or the agent has a file of its own there
                os.link(part, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        finally:
            with suppress(OSError):
                os.unlink(part, dir_fd=folder)
    return f"{FOLDER}/{name}"


@contextmanager
def _folder(state: Path) -> Iterator[int]:
    above = os.open(state, _FOLDER_FLAGS)
    try:
        owner = os.fstat(above)
        try:
            os.mkdir(FOLDER, 0o755, dir_fd=above)
            os.chown(FOLDER, owner.st_uid, owner.st_gid, dir_fd=above, follow_symlinks=False)
        except FileExistsError:
            pass
        try:
            folder = os.open(FOLDER, _FOLDER_FLAGS, dir_fd=above)
        except OSError:
            raise conflict(f"{FOLDER} in the agent's state dir is no folder", "move it away") from None
        try:
            yield folder
        finally:
            os.close(folder)
    finally:
        os.close(above)
