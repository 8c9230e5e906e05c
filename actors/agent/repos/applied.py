"""The applied repository of one agent: what was proposed, decided and is in force. Host only.

Owns the folder `applied/<n>`:

    repo.git             every commit that was ever proposed, and the tags that tell what became of it
    trees/<sha>          the files of a commit, written once
    current -> trees/…   the configuration in force; swapped by one rename
    agent.toml -> …      the file most readers want

Branch `main` is the commit in force. Every function may be called again after it was cut off anywhere.
"""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path, PurePosixPath

from actors.agent.repos import incoming, tree_policy
from actors.agent.repos.git import Git
from harness.wire.errors import conflict, not_found

MAIN = "refs/heads/main"
CONFIG_FILE = "agent.toml"
NO_COMMIT = "0" * 40


class Mark(StrEnum):
    """The tags of an approval: `<mark>/<id>`. `deployed/0` is what the agent was spawned with."""

    PROPOSAL = "proposal"
    APPROVED = "approved"
    BUILDING = "building"
    DEPLOYED = "deployed"
    FAILED = "failed"
    DENIED = "denied"


class Applied:
    """`folder` is `applied/<n>`, `proposed` the folder of all proposed repositories, `name` the container's name."""

    def __init__(self, folder: Path, proposed: Path, name: str) -> None:
        self.folder = folder
        self.git = Git(folder / "repo.git")
        self.name = name
        self._proposed = proposed

    @property
    def exists(self) -> bool:
        """Whether anything was ever proposed or deployed for this agent."""
        return self.git.exists

    def take(self, commit_ref: str) -> incoming.Taken:
        """Take a commit over from what the agent or the manager proposes; from then on they cannot change it."""
        self.git.init()
        return incoming.take(self._proposed, (self.name, "config"), commit_ref, self.git)

    def in_force(self) -> str | None:
        """The full sha of the commit in force; None before the first deployment."""
        return self.git.tip(MAIN) if self.exists else None

    def holds(self, sha: str) -> bool:
        """Whether that commit is here."""
        return self.exists and self.git.tip(sha) is not None

    # ---- tags ------------------------------------------------------------------------------------

    def mark(self, mark: Mark, approval_id: int, sha: str, *, at_ms: int, note: str | None = None) -> str:
        """Tag `sha` and return the tag's name; a note makes it an annotated tag. The same again changes nothing."""
        tag = f"{mark.value}/{approval_id}"
        there = self.git.tip(f"refs/tags/{tag}")
        if there is not None:
            if there != sha:
                raise conflict(f"tag {tag} of {self.name} already names another commit", "it is never moved")
            return tag
        if note is None:
            self.git.run("update-ref", f"refs/tags/{tag}", sha, NO_COMMIT)
        else:
            message = note.replace("\0", "").strip() or mark.value
            self.git.run("tag", "--annotate", "--cleanup=verbatim", "--file=-", tag, sha, stdin=message, at_ms=at_ms)
        return tag

    def unmark(self, mark: Mark, approval_id: int) -> None:
        """Remove a tag that turned out to be premature; nothing when there is none."""
        self.git.run("update-ref", "-d", f"refs/tags/{mark.value}/{approval_id}")

    def keep_notes(self, approval_id: int, sha: str) -> None:
        """Name the commit with the notes of a proposal, so that it stays. No tag: it was never a configuration."""
        self.git.run("update-ref", f"refs/notes-of/{approval_id}", sha)

    def deployed_tag(self, sha: str) -> str | None:
        """The newest tag deployed/… of that commit."""
        found = self.git.run(
            "for-each-ref", "--points-at", sha, "--format=%(refname:strip=2)", f"refs/tags/{Mark.DEPLOYED}"
        ).split()
        return max(found, key=lambda tag: int(tag.rpartition("/")[2]), default=None)

    # ---- the commit in force ---------------------------------------------------------------------

    def swap(self, sha: str) -> None:
        """Put `sha` in force: its files, then the branch, then the link readers follow."""
        tree = self._write_out(sha)
        self.git.run("update-ref", MAIN, sha)
        self._link("current", f"trees/{tree.name}")
        self._link(CONFIG_FILE, f"current/{CONFIG_FILE}")
        self._sync()

    def clear(self) -> None:
        """Nothing is in force, as before the first deployment; what was proposed is kept."""
        for name in (CONFIG_FILE, "current"):
            (self.folder / name).unlink(missing_ok=True)
        self.git.run("update-ref", "-d", MAIN)
        self._sync()

    def shown(self) -> str | None:
        """The sha whose files readers see; equals `in_force` except between two steps of a swap."""
        try:
            return (self.folder / "current").readlink().name
        except FileNotFoundError:
            return None

    def prune(self, keep: Iterable[str]) -> None:
        """Remove the written-out files of all commits but those in `keep`; the repository has them still."""
        kept = set(keep)
        for tree in (self.folder / "trees").glob("*"):
            if tree.name not in kept:
                _remove(tree)

    def tidy(self) -> None:
        """Remove what a killed host left half-done. Only while nothing else works here."""
        for left in (*self.folder.glob(f"{incoming.SCRATCH_PREFIX}*"), *self.folder.glob("trees/.new-*")):
            with suppress(OSError):  # it does no harm, and the daemon must start
                _remove(left)
        if self.exists:
            self.git.unlock()

    # ---- reading ---------------------------------------------------------------------------------

    def text(self, sha: str, path: str) -> str:
        """One file of a commit as text; bytes that are no UTF-8 are replaced. `not_found` without it."""
        for entry in self.entries(sha):
            if entry.path == path:
                return self.git.run("cat-file", "blob", entry.oid)
        raise not_found(f"file {path!r} in commit {sha[:12]} of {self.name}")

    def entries(self, sha: str) -> list[tree_policy.Entry]:
        """The files of a commit that was taken."""
        return tree_policy.parse_listing(self.git.run("ls-tree", "-r", "-z", "--long", "--full-tree", sha).encode())

    def _write_out(self, sha: str) -> Path:
        trees = self.folder / "trees"
        trees.mkdir(mode=0o700, exist_ok=True)
        tree = trees / sha
        if tree.is_dir():
            return tree
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=trees))
        self.export(sha, fresh)
        fresh.rename(tree)
        return tree

    def export(self, sha: str, into: Path) -> None:
        """Write the files of a commit into the folder `into`: plain files with plain modes, exactly their bytes."""
        archive = into.with_name(f"{into.name}.tar")
        try:
            self.git.run("archive", "--format=tar", f"--output={archive}", f"{sha}^{{tree}}")
            _unpack(archive, into)
        finally:
            archive.unlink(missing_ok=True)

    @contextmanager
    def exported(self, sha: str) -> Iterator[Path]:
        """The files of a commit in a folder of their own, for as long as the block runs."""
        with tempfile.TemporaryDirectory(prefix=incoming.SCRATCH_PREFIX, dir=self.folder) as folder:
            tree = Path(folder) / "tree"
            tree.mkdir()
            self.export(sha, tree)
            yield tree

    def _link(self, name: str, target: str) -> None:
        fresh = self.folder / f".{name}.new"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.replace(self.folder / name)

    def _sync(self) -> None:
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove(path: Path) -> None:
    """A folder with all in it, or a file: an export that was cut off leaves its archive beside the folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _unpack(archive: Path, into: Path) -> None:
    """Regular files only; the names were checked when the commit was taken. On disk when it returns."""
    with tarfile.open(archive) as reading:
        for member in reading:
            content = reading.extractfile(member) if member.isreg() else None
            if content is None:
                continue
            target = into.joinpath(*PurePosixPath(member.name).parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as writing:
                shutil.copyfileobj(content, writing)
                os.fchmod(writing.fileno(), 0o755 if member.mode & 0o100 else 0o644)
                writing.flush()
                os.fsync(writing.fileno())
