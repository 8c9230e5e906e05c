"""Taking one commit over from a proposed repository: what the host does with a repository it does not trust.

The bytes of its objects are copied into a fresh repository of the host's own (`objects`), given new indexes there,
measured, checked against `tree_policy`, and only then fetched into the applied repository, which verifies every
object once more. Every git that reads them before that is bounded in memory, time and output.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from actors.agent.repos import tree_policy
from actors.agent.repos.git import MAX_PACK_BYTES, Git
from actors.agent.repos.objects import copy_objects
from actors.in_thread import in_thread
from harness.wire.errors import ErrorCode, HiveError, bad_request, not_found

SCRATCH_PREFIX = ".incoming-"
"""Folders beside the applied repository that a killed host leaves; removed at the next start."""

_COMMIT_REF = re.compile(r"[0-9a-f]{7,40}")
_TAKEN = "refs/heads/taken"


@dataclass(frozen=True, slots=True)
class Taken:
    """A commit whose objects are in the applied repository: 40 hex digits, and its files."""

    sha: str
    entries: tuple[tree_policy.Entry, ...]


def take(root: Path, steps: tuple[str, ...], commit_ref: str, into: Git) -> Taken:
    """Take commit `commit_ref` (7 to 40 hex digits) of the repository at `root`/`steps`… over into `into`.

    Raises HiveError `bad_request`, `not_found` or `too_large` for whatever is wrong with the proposal. Nothing of
    it is referenced by `into` until it is tagged.
    """
    if not _COMMIT_REF.fullmatch(commit_ref):
        raise bad_request(f"{commit_ref[:60]!r} is no commit: 7 to 40 hex digits", "git rev-parse HEAD prints it")
    with _scratch(into.git_dir.parent) as scratch:
        quarantine = Git(scratch / "repo")
        quarantine.init()
        # A native thread: tens of thousands of files would hold up the loop.
        packs = in_thread(copy_objects, root, steps, quarantine.git_dir / "objects")
        try:
            sha, entries = _inspect(quarantine, packs, commit_ref, scratch / "out")
            _hand_over(quarantine, sha, into, scratch / "out")
        except HiveError as error:
            if error.code is not ErrorCode.UNAVAILABLE:
                raise
            raise bad_request(
                f"commit {commit_ref} cannot be taken: {error.message}", "check the repository with git fsck"
            ) from None
    return Taken(sha, tuple(entries))


def _inspect(quarantine: Git, packs: list[Path], commit_ref: str, out: Path) -> tuple[str, list[tree_policy.Entry]]:
    for pack in packs:
        quarantine.bounded("index-pack", str(pack), out=out, file_bytes=MAX_PACK_BYTES)
    sha = _resolve(quarantine, commit_ref, out)
    objects = quarantine.bounded("rev-list", "--objects", "--no-object-names", sha, out=out).decode("ascii")
    if objects.count("\n") > tree_policy.MAX_HISTORY_OBJECTS:
        raise HiveError(
            ErrorCode.TOO_LARGE,
            f"the history holds more than {tree_policy.MAX_HISTORY_OBJECTS} objects",
            "start afresh",
        )
    sizes = quarantine.bounded("cat-file", "--batch-check", out=out, stdin=objects).decode("ascii")
    tree_policy.check_history(sizes)
    listing = quarantine.bounded("ls-tree", "-r", "-z", "--long", "--full-tree", sha, out=out)
    return sha, tree_policy.parse_listing(listing)


def _resolve(quarantine: Git, commit_ref: str, out: Path) -> str:
    """There are no refs in the quarantine, so hex digits can only be an object's name."""
    try:
        found = quarantine.bounded(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit_ref}^{{commit}}", out=out
        )
    except HiveError:
        raise not_found(
            f"commit {commit_ref} in the proposed repository, or more than one begins like that",
            "git commit first, then give the full name that git rev-parse HEAD prints",
        ) from None
    return found.decode("ascii").strip()


def _hand_over(quarantine: Git, sha: str, into: Git, out: Path) -> None:
    quarantine.run("update-ref", _TAKEN, sha)
    into.bounded(
        "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules",
        str(quarantine.git_dir), _TAKEN, out=out, file_bytes=MAX_PACK_BYTES,
    )  # fmt: skip
    if into.tip(sha) != sha:
        raise bad_request(f"commit {sha[:12]} did not arrive whole")


@contextmanager
def _scratch(beside: Path) -> Iterator[Path]:
    beside.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=beside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
