"""Taking the objects out of a repository that an agent can write to, without running git in it.

Only the bytes of object files are copied: no configuration, hook, ref, graft, alternate, shallow or index file is
ever looked at. Every folder is opened from the handle of the one above it and none may be a link, so it does not
matter what the agent moves, links or swaps meanwhile.
"""

import itertools
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.wire.errors import ErrorCode, HiveError, bad_request, not_found

MAX_BYTES = 64 * 1024 * 1024
MAX_OBJECT_FILES = 20_000
MAX_ENTRIES = 100_000
"""Names looked at in one folder; a folder with more is not a repository of configuration."""
MAX_PACKS = 64

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a pipe that the agent left there must not hang the host.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FAN = re.compile(r"[0-9a-f]{2}")
_LOOSE = re.compile(r"[0-9a-f]{38}")
_PACK = re.compile(r"pack-[0-9a-f]{40}\.pack")
_CHUNK = 1024 * 1024


@dataclass(slots=True)
class _Allowance:
    """What may still be copied."""

    bytes: int = MAX_BYTES
    files: int = MAX_OBJECT_FILES

    def take(self, count: int) -> None:
        self.bytes -= count
        if self.bytes < 0:
            raise HiveError(
                ErrorCode.TOO_LARGE,
                f"the repository holds more than {MAX_BYTES} bytes of objects",
                "propose from a fresh clone without large files",
            )

    def take_file(self) -> None:
        self.files -= 1
        if self.files < 0:
            raise HiveError(
                ErrorCode.TOO_LARGE,
                f"the repository holds more than {MAX_OBJECT_FILES} loose objects",
                "run git gc in it",
            )


def copy_objects(root: Path, steps: tuple[str, ...], into: Path) -> list[Path]:
    """Copy loose objects and packs of the repository at `root`/`steps`… into the object folder `into`.

    `root` is the host's own, each of `steps` is opened without following links. Returns the copied packs, which
    have no index yet. Raises HiveError: `not_found` or `bad_request` when there is no plain repository,
    `too_large` past the limits.
    """
    allowance = _Allowance()
    with _below(root, (*steps, ".git", "objects")) as objects:
        for fan in _names(objects, _FAN):
            with _folder(objects, fan) as folder:
                for name in _names(folder, _LOOSE):
                    allowance.take_file()
                    (into / fan).mkdir(exist_ok=True)
                    _copy(folder, name, into / fan / name, allowance)
        packs: list[Path] = []
        if not _has(objects, "pack"):
            return packs
        with _folder(objects, "pack") as folder:
            for name in itertools.islice(_names(folder, _PACK), MAX_PACKS):
                packs.append(into / "pack" / name)
                packs[-1].parent.mkdir(exist_ok=True)
                _copy(folder, name, packs[-1], allowance)
    return packs


@contextmanager
def _below(root: Path, steps: tuple[str, ...]) -> Iterator[int]:
    try:
        here = os.open(root, _FOLDER)
    except OSError:
        raise not_found(f"folder {root.name!r}") from None
    try:
        for step in steps:
            deeper = _open(here, step, _FOLDER)
            os.close(here)
            here = deeper
        yield here
    finally:
        os.close(here)


@contextmanager
def _folder(parent: int, name: str) -> Iterator[int]:
    here = _open(parent, name, _FOLDER)
    try:
        yield here
    finally:
        os.close(here)


def _open(parent: int, name: str, flags: int) -> int:
    try:
        return os.open(name, flags, dir_fd=parent)
    except FileNotFoundError:
        raise not_found(
            f"git repository there: {name!r} is missing", "git init, commit, and propose the commit"
        ) from None
    except OSError as error:
        raise bad_request(
            f"{name!r} of the repository is no plain folder or file ({error.strerror})",
            "propose from an ordinary repository, not a worktree, submodule or link",
        ) from None


def _has(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _names(folder: int, shape: re.Pattern[str]) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for count, entry in enumerate(entries):
            if count >= MAX_ENTRIES:
                raise HiveError(ErrorCode.TOO_LARGE, f"a folder of the repository holds more than {MAX_ENTRIES} names")
            if shape.fullmatch(entry.name):
                yield entry.name


def _copy(folder: int, name: str, target: Path, allowance: _Allowance) -> None:
    source = _open(folder, name, _FILE)
    with os.fdopen(source, "rb", buffering=0) as reading:
        if not stat.S_ISREG(os.fstat(source).st_mode):
            raise bad_request(f"{name!r} among the objects is no regular file")
        with target.open("xb") as writing:
            while chunk := reading.read(_CHUNK):
                # Counted as it comes: a file may grow while it is read.
                allowance.take(len(chunk))
                writing.write(chunk)
