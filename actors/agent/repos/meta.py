"""The history of the whole swarm: one commit per successful deployment, and nothing else. Host only.

Each commit holds the files in force of every agent below `agents/<n>/`, and `deployed.json`: the sha and the tag of
each. The branch moves last and in one step, so a deployment is either in the history whole or not at all.
"""

import json
from pathlib import Path

from gevent.lock import BoundedSemaphore

from actors.agent.repos.applied import MAIN, NO_COMMIT
from actors.agent.repos.git import Git
from harness.wire.errors import HiveError, conflict

INDEX_FILE = "deployed.json"
_TRIES = 5
"""A commit of another process may come in between; ours builds on it."""

_ONE_AT_A_TIME = BoundedSemaphore()
"""Deployments of different agents meet here: each commit has the one before as its parent."""


class Meta:
    """`folder` is the bare repository `meta`."""

    def __init__(self, folder: Path) -> None:
        self.git = Git(folder)

    def deployed(self) -> dict[str, dict[str, str]]:
        """Each name → {sha, tag} as of the newest commit; empty before the first."""
        return self._newest()[1] if self.git.exists else {}

    def record(self, name: str, sha: str, tag: str, source: Git, *, at_ms: int) -> None:
        """Commit that `name` runs `sha` from now on. The same again changes nothing."""
        self.git.init()
        if self.deployed().get(name) == {"sha": sha, "tag": tag}:
            return
        self.git.run(
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance",
            str(source.git_dir), f"refs/tags/{tag}",
        )  # fmt: skip
        self._commit(f"deploy {name} {tag} {sha[:12]}\n", {name: {"sha": sha, "tag": tag}}, at_ms)

    def forget(self, name: str, *, at_ms: int) -> None:
        """Commit that `name` is gone; nothing when it never was there."""
        if name in self.deployed():
            self._commit(f"destroy {name}\n", {name: None}, at_ms)

    def tidy(self) -> None:
        """Remove what a killed git left. Only while nothing else works here."""
        if self.git.exists:
            self.git.unlock()

    def _commit(self, message: str, change: dict[str, dict[str, str] | None], at_ms: int) -> None:
        with _ONE_AT_A_TIME:
            self._commit_alone(message, change, at_ms)

    def _commit_alone(self, message: str, change: dict[str, dict[str, str] | None], at_ms: int) -> None:
        for attempt in range(_TRIES):
            parent, index = self._newest()
            for name, entry in change.items():
                if entry is None:
                    index.pop(name, None)
                else:
                    index[name] = entry
            tree = self._tree(index)
            parents = () if parent is None else ("-p", parent)
            commit = self.git.run("commit-tree", tree, *parents, "-F", "-", stdin=message, at_ms=at_ms).strip()
            try:
                self.git.run("update-ref", MAIN, commit, parent or NO_COMMIT)
            except HiveError:
                if self.git.tip(MAIN) == parent or attempt == _TRIES - 1:
                    raise
            else:
                return
        raise conflict("the history of the swarm is too busy", "try again")

    def _tree(self, index: dict[str, dict[str, str]]) -> str:
        text = json.dumps(index, indent=2, sort_keys=True) + "\n"
        blob = self.git.run("hash-object", "-w", "--stdin", stdin=text).strip()
        # One process for all: a swarm of a hundred is spawned one by one, each time with all that are there already.
        trees = self.git.run("rev-parse", *(f"{entry['sha']}^{{tree}}" for _, entry in sorted(index.items()))).split()
        folders = [f"040000 tree {tree}\t{name}\n" for tree, name in zip(trees, sorted(index), strict=True)]
        agents = self.git.run("mktree", stdin="".join(folders)).strip()
        root = f"040000 tree {agents}\tagents\n100644 blob {blob}\t{INDEX_FILE}\n"
        return self.git.run("mktree", stdin=root).strip()

    def _newest(self) -> tuple[str | None, dict[str, dict[str, str]]]:
        """The newest commit and its index, read by one git; (None, {}) before the first.

        A commit that is made between the two makes the branch refuse to move from the first. All of it is ASCII: names,
        tags and numbers.
        """
        asked = f"{MAIN}^{{commit}}\n{MAIN}:{INDEX_FILE}\n"
        head, _, rest = self.git.run("cat-file", "--batch", stdin=asked).partition("\n")
        if head.endswith(" missing"):
            return None, {}
        commit, _, length = head.split(" ")
        _, _, text = rest[int(length) + 1 :].partition("\n")
        index: dict[str, dict[str, str]] = json.loads(text)
        return commit, index
