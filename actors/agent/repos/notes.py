"""The notes that are laid out for an agent to be: taken at submission into a commit of the host's, written out later.

The folder belongs to the proposer, who may change it at any time. It is read once, each folder from the handle of the
one above and none through a link, within the limits of `tree_policy`; from then on the commit is what counts.
"""

import os
import shutil
import stat
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from actors.agent.repos import tree_policy
from actors.agent.repos.git import Git
from actors.agent.repos.incoming import SCRATCH_PREFIX
from actors.agent.workspace import folders
from actors.in_thread import in_thread
from harness.wire.errors import ErrorCode, HiveError, bad_request

MESSAGE = "Notes for a new agent\n"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a pipe that was left there must not hang the host.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_HINT = "notes are plain files, few and small"


@dataclass(frozen=True, slots=True)
class _Note:
    path: str
    executable: bool
    copy: Path


@dataclass(slots=True)
class _Allowance:
    """What may still be read."""

    files: int = tree_policy.MAX_FILES
    entries: int = 4 * tree_policy.MAX_FILES
    bytes: int = tree_policy.MAX_TREE_BYTES

    def take_entry(self) -> None:
        self.entries -= 1
        if self.entries < 0:
            raise _too_large(f"more than {4 * tree_policy.MAX_FILES} files and folders")

    def take_file(self) -> None:
        self.files -= 1
        if self.files < 0:
            raise _too_large(f"more than {tree_policy.MAX_FILES} files")

    def take(self, count: int) -> None:
        self.bytes -= count
        if self.bytes < 0:
            raise _too_large(f"more than {tree_policy.MAX_TREE_BYTES} bytes")


def take(root: Path, steps: tuple[str, ...], into: Git, *, at_ms: int) -> str | None:
    """The commit in `into` that holds the files at `root`/`steps`…; None when there is no file.

    Raises HiveError `bad_request` or `too_large` for what is no plain file, cannot be read, or is too much.
    """
    with tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, dir=into.git_dir.parent) as scratch:
        # A native thread: hundreds of files would hold up the loop.
        found: list[_Note] = in_thread(_copy_all, root, steps, Path(scratch))
        if not found:
            return None
        oids = into.run(
            "hash-object", "-w", "--no-filters", "--stdin-paths", stdin="".join(f"{one.copy}\n" for one in found)
        ).split()
        tree = _tree(into, [(one, oid) for one, oid in zip(found, oids, strict=True)])
    tree_policy.parse_listing(into.run("ls-tree", "-r", "-z", "--long", "--full-tree", tree).encode())
    return into.run("commit-tree", tree, "-F", "-", stdin=MESSAGE, at_ms=at_ms).strip()


def put(tree: Path, state_dir: Path, steps: tuple[str, ...]) -> bool:
    """Copy the files of `tree`, the host's, to the folder `state_dir`/`steps`…; False when that holds anything.

    What was there goes first: a destroyed agent's state is kept, and a second try changes nothing.
    """
    with folders.opened(state_dir, *steps, make_missing=True) as target:
        with os.scandir(target) as entries:
            if any(entries):
                return False
        # By way of a name beside it and one rename: an agent never finds half of its notes.
        with folders.opened(state_dir, *steps[:-1]) as parent:
            fresh = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=f"/proc/self/fd/{parent}"))
            try:
                shutil.copytree(tree, fresh, dirs_exist_ok=True)
                fresh.chmod(0o700)
                os.rename(fresh.name, steps[-1], src_dir_fd=parent, dst_dir_fd=parent)
            except BaseException:
                shutil.rmtree(fresh, ignore_errors=True)
                raise
    return True


def _copy_all(root: Path, steps: tuple[str, ...], into: Path) -> list[_Note]:
    found: list[_Note] = []
    try:
        with folders.opened(root, *steps) as here:
            _walk(here, (), into, found, _Allowance())
    except FileNotFoundError:
        return []
    return found


def _walk(here: int, above: tuple[str, ...], into: Path, found: list[_Note], allowance: _Allowance) -> None:
    if len(above) > tree_policy.MAX_DEPTH:
        raise bad_request(f"notes: {'/'.join(above)[:80]!r}… is deeper than {tree_policy.MAX_DEPTH} folders", _HINT)
    with os.scandir(here) as entries:
        names = []
        for entry in entries:
            allowance.take_entry()
            names.append(entry.name)
    for name in sorted(names):
        path = "/".join((*above, name))
        kind = os.stat(name, dir_fd=here, follow_symlinks=False).st_mode
        if stat.S_ISDIR(kind):
            below = _open(name, _FOLDER, here, path)
            try:
                _walk(below, (*above, name), into, found, allowance)
            finally:
                os.close(below)
        elif stat.S_ISREG(kind):
            allowance.take_file()
            found.append(_copy(here, name, path, into / str(len(found)), allowance))
        else:
            raise bad_request(f"notes: {_shown(path)} is no plain file", _HINT)


def _copy(here: int, name: str, path: str, target: Path, allowance: _Allowance) -> _Note:
    tree_policy.check_path(path)
    with os.fdopen(_open(name, _FILE, here, path), "rb", buffering=0) as reading, target.open("xb") as writing:
        status = os.fstat(reading.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise bad_request(f"notes: {_shown(path)} is no plain file", _HINT)
        while chunk := reading.read(min(65536, allowance.bytes + 1)):
            # Counted as it comes: a file may grow while it is read.
            allowance.take(len(chunk))
            writing.write(chunk)
    return _Note(path, bool(status.st_mode & 0o100), target)


def _open(name: str, flags: int, here: int, path: str) -> int:
    try:
        return os.open(name, flags, dir_fd=here)
    except OSError as error:
        raise bad_request(f"notes: {_shown(path)} cannot be read: {error.strerror}", _HINT) from None


def _tree(git: Git, notes: Iterable[tuple[_Note, str]]) -> str:
    """The tree of these files, made from the deepest folders up: all folders of one depth in one git."""
    inside: dict[PurePosixPath, list[str]] = defaultdict(list)
    inside[PurePosixPath()] = []
    for note, oid in notes:
        path = PurePosixPath(note.path)
        inside[path.parent].append(f"{'100755' if note.executable else '100644'} blob {oid}\t{path.name}")
        for folder in path.parents:
            inside[folder] += []
    for depth in range(max(len(folder.parts) for folder in inside), 0, -1):
        level = sorted(folder for folder in inside if len(folder.parts) == depth)
        listing = "\n".join("\n".join(inside[folder]) + "\n" for folder in level)
        for folder, oid in zip(level, git.run("mktree", "--batch", stdin=listing).split(), strict=True):
            inside[folder.parent].append(f"040000 tree {oid}\t{folder.name}")
    return git.run("mktree", stdin="".join(f"{line}\n" for line in inside[PurePosixPath()])).strip()


def _shown(path: str) -> str:
    return repr(path[:80].encode("utf-8", "backslashreplace").decode())


def _too_large(what: str) -> HiveError:
    return HiveError(ErrorCode.TOO_LARGE, f"the notes for the new agent hold {what}", _HINT)
