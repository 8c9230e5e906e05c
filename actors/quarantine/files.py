"""Damaged files that were put aside, among the rows that cannot be read."""

import contextlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from actors.store.stored_table import Unreadable
from harness.wire.errors import not_found, unavailable

FILES = "files"
"""The word in place of a table's name."""


def as_row(path: Path) -> Unreadable:
    """The file as a row of the quarantine; its key is its path."""
    name, _, at = path.name.partition(".damaged-")
    reason = f"{name} was damaged and put aside at {at}; the hive has begun another one"
    return Unreadable(FILES, str(path), reason, f"look at it; `hive quarantine drop {FILES} {path}` deletes it")


def delete(key: str, known: Iterable[Path]) -> None:
    """Delete a file that was put aside. `not_found` for every other path."""
    path = next((one for one in known if str(one) == key), None)
    if path is None:
        raise not_found(f"file {key!r} that was put aside", "`hive quarantine` lists them")
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
    except OSError as error:
        raise unavailable(f"{key} cannot be deleted: {error.strerror}", "delete it by hand") from None
