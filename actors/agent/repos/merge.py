"""One change applied to another commit, as `git revert` and `git cherry-pick` do: file by file, then line by line."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from actors.agent.repos import edit
from actors.agent.repos.compare import read
from actors.agent.repos.edit import Content
from actors.agent.repos.git import Git
from actors.agent.repos.incoming import SCRATCH_PREFIX


@dataclass(frozen=True, slots=True)
class Merge:
    """The files that `ours` is to get, None for one that goes; and the paths that both changed in the same lines."""

    changes: dict[str, Content | None]
    conflicts: tuple[str, ...]


def three_way(git: Git, base: str | None, ours: str, theirs: str | None) -> Merge:
    """What changed from `base` to `theirs`, applied to `ours`. None stands for a commit without files."""
    before, here, after = (edit.files(git, sha) for sha in (base, ours, theirs))
    changes: dict[str, Content | None] = {}
    conflicts: list[str] = []
    for path in sorted(before.keys() | after.keys()):
        was, mine, wanted = before.get(path), here.get(path), after.get(path)
        if wanted in {was, mine}:
            continue
        if mine == was:
            changes[path] = wanted
            continue
        merged = None if was is None or mine is None or wanted is None else _lines(git, was, mine, wanted)
        if merged is None:
            conflicts.append(path)
        elif merged != mine:
            changes[path] = merged
    return Merge(changes, tuple(conflicts))


def _lines(git: Git, was: Content, mine: Content, wanted: Content) -> Content | None:
    """One file merged by lines; None where both changed the same lines, or it is no text."""
    found = read(git, [one[1] for one in (mine, was, wanted)])
    texts = [found[one[1]] for one in (mine, was, wanted)]
    try:
        for text in texts:
            text.decode()
    except UnicodeDecodeError:
        return None
    with tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, dir=git.git_dir.parent) as folder:
        paths = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for path, text in zip(paths, texts, strict=True):
            path.write_bytes(text)
        merged = git.merge_file(*paths)
    if merged is None:
        return None
    return wanted[0] if mine[0] == was[0] else mine[0], edit.write(git, merged)
