"""What differs between two commits of the host's: every file, with its lines. Nothing is cut and nothing is left out.

Names and objects come from git's raw form, which no content can imitate; the lines come from git's own diff. Both list
the files in one order. A file whose bytes are no UTF-8 is binary: it has a size and a hash, and no lines.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from actors.agent.repos import patch
from actors.agent.repos.git import Git
from actors.agent.repos.incoming import SCRATCH_PREFIX
from harness.wire.errors import unavailable
from harness.wire.visible import visible

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""What git calls a tree without files; the base of a first commit."""

CHANGES = {"A": "new", "D": "deleted", "M": "changed", "R": "renamed", "T": "changed"}
_OPTIONS = ("--no-ext-diff", "--no-textconv", "--no-color", "--find-renames", "--submodule=short")
_NOTHING = "0" * 40
_MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Difference:
    """One file. `path`, `before` (its path before a rename) and `lines` are made visible. `mode`: only if it changed.

    `old_oid` and `new_oid` name the contents, None where there is none. `size` and `digest` (SHA-256) are those of the
    new content, of the old one for a deleted file.
    """

    path: str
    change: str
    old_oid: str | None
    new_oid: str | None
    size: int
    digest: str
    before: str | None = None
    mode: str | None = None
    binary: bool = False
    added: int = 0
    removed: int = 0
    hidden: int = 0
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Raw:
    """An entry of `git diff --raw`."""

    path: str
    before: str | None
    status: str
    old_mode: str
    new_mode: str
    old_oid: str
    new_oid: str


def compare(git: Git, base: str | None, sha: str) -> list[Difference]:
    """The files that differ from `base` (None: from nothing) to `sha`, `agent.toml` first, then by path."""
    two = (base or EMPTY_TREE, sha, "--")
    entries = _entries(git.run("diff", "--raw", "-z", "--no-abbrev", *_OPTIONS, *two))
    if not entries:
        return []
    shown = patch.parse(
        git.run("diff", "--text", "--full-index", "--src-prefix=a/", "--dst-prefix=b/", *_OPTIONS, *two)
    )
    if len(shown) != len(entries):
        raise unavailable(f"git lists {len(entries)} files that differ and shows {len(shown)}")
    contents = read(git, {oid for one in entries for oid in (one.old_oid, one.new_oid)} - {_NOTHING})
    found = [_difference(entry, lines, contents) for entry, lines in zip(entries, shown, strict=True)]
    return sorted(found, key=lambda one: (one.path != "agent.toml", one.path))


def read(git: Git, oids: Iterable[str]) -> dict[str, bytes]:
    """The bytes of these blobs of the host's."""
    wanted = sorted(set(oids))
    with tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, dir=git.git_dir.parent) as folder:
        text = "".join(f"{oid}\n" for oid in wanted)
        answer = git.bounded("cat-file", "--batch", out=Path(folder) / "out", stdin=text, file_bytes=_MAX_BYTES)
    found: dict[str, bytes] = {}
    position = 0
    for oid in wanted:
        end = answer.index(b"\n", position)
        size = int(answer[position:end].split()[2])
        found[oid] = answer[end + 1 : end + 1 + size]
        position = end + size + 2
    return found


def _entries(raw: str) -> list[_Raw]:
    fields = iter(raw.split("\0"))
    found = []
    for head in fields:
        if not head:
            break
        old_mode, new_mode, old_oid, new_oid, score = head.removeprefix(":").split(" ")
        status, path, before = score[:1], next(fields), None
        if status in "RC":
            before, path = path, next(fields)
        found.append(_Raw(path, before, status, old_mode, new_mode, old_oid, new_oid))
    return found


def _difference(entry: _Raw, shown: patch.FileLines, contents: dict[str, bytes]) -> Difference:
    old, new = (contents.get(oid) for oid in (entry.old_oid, entry.new_oid))
    content = new if new is not None else old or b""
    binary = not all(_is_text(one) for one in (old, new) if one is not None)
    mode = None
    if entry.status == "A" and entry.new_mode == "100755":
        mode = "executable"
    elif entry.status not in "AD" and entry.old_mode != entry.new_mode:
        mode = "now executable" if entry.new_mode == "100755" else "no longer executable"
    return Difference(
        path=visible(entry.path),
        change=CHANGES.get(entry.status, "changed"),
        old_oid=None if old is None else entry.old_oid,
        new_oid=None if new is None else entry.new_oid,
        size=len(content),
        digest=sha256(content).hexdigest(),
        before=None if entry.before is None else visible(entry.before),
        mode=mode,
        binary=binary,
        added=0 if binary else shown.added,
        removed=0 if binary else shown.removed,
        hidden=0 if binary else shown.hidden,
        lines=() if binary else tuple(shown.lines),
    )


def _is_text(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
