"""The files of the secret store.

Owns `secrets/` below the state dir (0700): one file (0600) per secret, its name the secret's, its content the value.
A value is replaced as a whole and is on disk when `put` returns. Every name is checked before it becomes a path.
"""

import contextlib
import os
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.wire.agent_config import check_secret_name
from harness.wire.errors import HiveError, bad_request, conflict, not_found, unavailable

FOLDER = "secrets"
MAX_BYTES = 64 * 1024
MAX_SECRETS = 1000
_UNSETTLED_NS = 100_000_000
"""A folder that has changed this recently may change again without another time stamp."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What may be told of a secret. `updated_ms` in milliseconds since 1970."""

    name: str
    size: int
    updated_ms: int


class SecretStore:
    """The secrets of one hive. Any number of instances may share the folder."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / FOLDER
        self._known: Mapping[str, str] = {}
        self._known_at: int | None = None

    def put(self, name: str, value: str) -> None:
        """Store `value` under `name`, in place of what was there. `bad_request` for a name or value that cannot be."""
        _check(name)
        content = _checked_value(value)
        with self._opened(make_missing=True) as folder:
            if name not in (names := _names(folder)) and len(names) >= MAX_SECRETS:
                raise conflict(f"there are {MAX_SECRETS} secrets already", "`hive secret delete` removes one")
            part = f".{name}.part"
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part, dir_fd=folder)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(part, flags, 0o600, dir_fd=folder), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)

    def delete(self, name: str) -> None:
        """Remove the secret; `not_found` when there is none."""
        _check(name)
        with self._opened(name) as folder:
            try:
                os.unlink(name, dir_fd=folder)
            except FileNotFoundError:
                raise missing(name) from None
            os.fsync(folder)

    def value(self, name: str) -> str:
        """The value; `not_found` when there is none."""
        _check(name)
        with self._opened(name) as folder:
            return _read(folder, name)

    def has(self, name: str) -> bool:
        """Whether there is a secret of this name."""
        return any(entry.name == name for entry in self.entries())

    def entries(self) -> list[Entry]:
        """Every secret, by name, without its value."""
        try:
            with self._opened() as folder:
                found = [(name, os.stat(name, dir_fd=folder, follow_symlinks=False)) for name in _names(folder)]
        except HiveError:
            return []
        return [Entry(name, status.st_size, status.st_mtime_ns // 1_000_000) for name, status in found]

    def values(self) -> Mapping[str, str]:
        """Every secret by name. Cheap while nothing changes: one look at the folder."""
        try:
            changed = self._folder.stat().st_mtime_ns
        except OSError:
            return {}
        if changed == self._known_at:
            return self._known
        found: dict[str, str] = {}
        with contextlib.suppress(HiveError), self._opened() as folder:
            for name in _names(folder):
                with contextlib.suppress(HiveError):
                    found[name] = _read(folder, name)
        self._known = found
        self._known_at = changed if time.time_ns() - changed > _UNSETTLED_NS else None
        return found

    @contextlib.contextmanager
    def _opened(self, lacking: str | None = None, *, make_missing: bool = False) -> Iterator[int]:
        """The folder. Without one, `not_found` for the secret `lacking`."""
        if make_missing:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            folder = os.open(self._folder, flags)
        except FileNotFoundError:
            raise missing(lacking or "NAME") from None
        except OSError as error:
            raise unavailable(f"the secrets in {self._folder} cannot be read: {error.strerror}") from None
        try:
            if os.fstat(folder).st_mode & 0o077:
                raise conflict(f"others can read {self._folder}", f"chmod 700 {self._folder}")
            yield folder
        except OSError as error:
            raise unavailable(f"the secrets in {self._folder}: {error.strerror}") from None
        finally:
            os.close(folder)


def missing(name: str) -> HiveError:
    """There is no secret of this name."""
    return not_found(f"secret {name!r}", f"`hive secret set {name}` makes it")


def _check(name: str) -> None:
    try:
        check_secret_name(name)
    except ValueError as error:
        raise bad_request(str(error)) from None


def _checked_value(value: str) -> bytes:
    """The value as stored. What is refused is not repeated in the refusal."""
    if not value or "\0" in value:
        raise bad_request("a secret is a text of at least one character, none of them zero")
    try:
        content = value.encode()
    except UnicodeEncodeError:
        raise bad_request("a secret is a text in UTF-8; this one is not") from None
    if len(content) > MAX_BYTES:
        raise bad_request(f"a secret has at most {MAX_BYTES} bytes, this one has {len(content)}")
    return content


def _names(folder: int) -> list[str]:
    """The names of the secrets; other files in the folder are none."""
    found = []
    for name in os.listdir(folder):
        with contextlib.suppress(ValueError):
            found.append(check_secret_name(name))
    return sorted(found)


def _read(folder: int, name: str) -> str:
    try:
        handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except FileNotFoundError:
        raise missing(name) from None
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
            raise conflict(f"the file of secret {name!r} is not its owner's alone", f"`hive secret set {name}` again")
        content = file.read(MAX_BYTES + 1)
    try:
        return _text(content)
    except ValueError:
        raise conflict(f"the file of secret {name!r} holds no secret", f"`hive secret set {name}` again") from None


def _text(content: bytes) -> str:
    value = content.decode()
    if not value or "\0" in value or len(content) > MAX_BYTES:
        raise ValueError
    return value
