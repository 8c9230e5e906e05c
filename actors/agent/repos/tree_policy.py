"""Which trees a proposal may hold. Pure: the listing goes in, the entries or a refusal come out.

Regular files below plain folders, few, small, with names that read the same everywhere. Everything else that
git can store (links, submodules, names that mean something to some file system) has no use in a configuration.
"""

import unicodedata
from dataclasses import dataclass

from harness.wire.errors import ErrorCode, HiveError, bad_request

MAX_FILES = 500
MAX_FILE_BYTES = 256 * 1024
MAX_TREE_BYTES = 1024 * 1024
MAX_PATH_BYTES = 512
MAX_NAME_BYTES = 200
MAX_DEPTH = 16
MAX_COMMIT_BYTES = 64 * 1024
MAX_HISTORY_OBJECT_BYTES = 8 * 1024 * 1024
MAX_HISTORY_OBJECTS = 50_000

_REGULAR = frozenset({"100644", "100755"})
_KINDS = {"120000": "a symbolic link", "160000": "a submodule", "040000": "a folder"}
_TAKEN = frozenset({".git", "git~1", ".gitmodules"})
# Categories: controls, formats (also the ones that turn text round), surrogates, private use, unassigned, separators.
_ODD = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
MAX_NAMES_BYTES = 64 * 1024
"""All paths together: the operator is shown the list of every file, in one reply."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a tree. `path` is relative, with slashes; `size` in bytes."""

    path: str
    mode: str
    oid: str
    size: int


def parse_listing(listing: bytes) -> list[Entry]:
    """The files of `git ls-tree -r -z --long`. `bad_request` for what a configuration may not hold."""
    entries = [_entry(record) for record in listing.split(b"\0") if record]
    _check_sizes(entries)
    _check_twins(entries)
    return entries


def check_history(sizes: str) -> None:
    """Refuse a history whose objects are too many or too large; lines of `git cat-file --batch-check`."""
    lines = sizes.splitlines()
    if len(lines) > MAX_HISTORY_OBJECTS:
        raise _too_large(f"the history holds {len(lines)} objects, at most {MAX_HISTORY_OBJECTS} are taken")
    for line in lines:
        parts = line.split()
        if len(parts) != 3:
            raise bad_request(
                f"an object of this commit is missing: {line[:100]}", "push whole history, not a shallow one"
            )
        oid, kind, size = parts
        most = MAX_HISTORY_OBJECT_BYTES if kind == "blob" else MAX_COMMIT_BYTES * (1 if kind == "commit" else 8)
        if int(size) > most:
            raise _too_large(f"{kind} {oid[:12]} in the history has {size} bytes, at most {most} are taken")


def _entry(record: bytes) -> Entry:
    head, _, raw_path = record.partition(b"\t")
    mode, _kind, oid, size = head.decode("ascii").split()
    shown = raw_path[:80].decode("utf-8", "backslashreplace")
    try:
        path = raw_path.decode("utf-8")
    except UnicodeDecodeError:
        raise bad_request(f"the name {shown!r} is no UTF-8") from None
    if mode not in _REGULAR:
        raise bad_request(f"{shown!r} is {_KINDS.get(mode, 'no regular file')}; a configuration holds regular files")
    check_path(path)
    return Entry(path, mode, oid, int(size))


def check_path(path: str) -> None:
    """Refuse a path that is too long, or whose names some program or reader takes for something else."""
    parts = path.split("/")
    if len(path.encode(errors="replace")) > MAX_PATH_BYTES or len(parts) > MAX_DEPTH:
        raise bad_request(
            f"the path {path[:80]!r}… is longer than {MAX_PATH_BYTES} bytes or deeper than {MAX_DEPTH} folders"
        )
    for part in parts:
        reason = _odd(part)
        if reason is not None:
            raise bad_request(f"the name {part[:80]!r} {reason}", "rename it")


def _odd(part: str) -> str | None:
    if part in {"", ".", ".."} or plain(part) in _TAKEN:
        return "is one that git or the file system keeps for itself"
    if len(part.encode(errors="replace")) > MAX_NAME_BYTES:
        return f"is longer than {MAX_NAME_BYTES} bytes"
    if part[0] in "-~" or part[-1] in " ." or part[0] == " ":
        return "begins or ends with a character that misleads programs"
    if any(character in '\\:*?"<>|' or unicodedata.category(character) in _ODD for character in part):
        return "holds a character that does not show or means something else elsewhere"
    return None


def _check_sizes(entries: list[Entry]) -> None:
    if len(entries) > MAX_FILES:
        raise _too_large(f"the commit holds {len(entries)} files, at most {MAX_FILES} are taken")
    for entry in entries:
        if entry.size > MAX_FILE_BYTES:
            raise _too_large(f"{entry.path!r} has {entry.size} bytes, at most {MAX_FILE_BYTES} are taken")
    names = sum(len(entry.path.encode()) for entry in entries)
    if names > MAX_NAMES_BYTES:
        raise _too_large(f"the paths have {names} bytes together, at most {MAX_NAMES_BYTES} are taken")
    total = sum(entry.size for entry in entries)
    if total > MAX_TREE_BYTES:
        raise _too_large(f"the files have {total} bytes together, at most {MAX_TREE_BYTES} are taken")


def _check_twins(entries: list[Entry]) -> None:
    """No two names that one file system tells apart and another does not, folders included."""
    seen: dict[str, str] = {}
    for entry in entries:
        parts = entry.path.split("/")
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            other = seen.setdefault(plain(path), path)
            if other != path:
                raise bad_request(f"the names {other!r} and {path!r} differ only in how they are spelled", "rename one")


def plain(name: str) -> str:
    """The name as the most forgiving file system compares it: no case, composed, without what does not show."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in folded if unicodedata.category(character) not in _ODD)


def _too_large(message: str) -> HiveError:
    hint = "leave it out of the commit and of the history it builds on"
    return HiveError(ErrorCode.TOO_LARGE, message, hint)
