"""A kit's repositories in a folder, and an agent who works in his own with real git."""

import os
import subprocess

from actors.agent.repos import Repositories
from actors.agent.workspace.paths import Workspace
from tests.actors.agent.stock import STOCK

NOW = 1_700_000_000_000
TOML = 'model = "haiku"\n'


class RepositoryKit:
    def __init__(self, folder):
        self.folder = folder
        self.canary = folder / "canary"
        self.repositories = Repositories(Workspace(folder / "state", folder / "run"))

    def draft(self, name="alice"):
        STOCK.draft(self.repositories, name, {"agent.toml": TOML}, at_ms=NOW)
        return Author(self, name)

    def applied(self, name="alice"):
        return self.repositories.applied(name)

    @property
    def untouched(self):
        return not self.canary.exists()


class Author:
    """What an agent, or the manager for it, does in `agents/<n>/config`."""

    def __init__(self, kit, name):
        self.kit = kit
        self.name = name
        self.folder = kit.repositories.workspace.of(name).config

    def git(self, *args, stdin=None, check=True):
        env = {
            "PATH": os.environ["PATH"], "HOME": str(self.kit.folder), "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": self.name, "GIT_AUTHOR_EMAIL": f"{self.name}@hive", "GIT_COMMITTER_NAME": self.name,
            "GIT_COMMITTER_EMAIL": f"{self.name}@hive", "GIT_ALLOW_PROTOCOL": "file",
            # The repository belongs to the agent's uid, which the test stands for.
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        }  # fmt: skip
        done = subprocess.run(["git", *args], cwd=self.folder, env=env, input=stdin, capture_output=True, check=False)
        assert not check or done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def write(self, path, content):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, files=None, message="change"):
        for path, content in (files or {}).items():
            self.write(path, content)
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.head()

    def head(self):
        return self.git("rev-parse", "HEAD")

    def tree_commit(self, listing, *, parent=None):
        """A commit whose root tree is `listing` (bytes of `git ls-tree -z`), however odd."""
        tree = self.git("mktree", "-z", "--missing", stdin=listing)
        return self.git("commit-tree", tree, "-m", "odd", *(("-p", parent) if parent else ()))

    def raw_tree_commit(self, *entries):
        """The same past every check of git's: (mode, name, oid) as they go into the object."""
        body = b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries)
        tree = self.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=body)
        text = f"tree {tree}\nauthor a <a@b> 0 +0000\ncommitter a <a@b> 0 +0000\n\nodd\n"
        return self.git("hash-object", "-w", "-t", "commit", "--literally", "--stdin", stdin=text.encode())

    def blob(self, content):
        return self.git("hash-object", "-w", "--stdin", stdin=content)

    def evil(self, name="evil"):
        """A program that leaves the canary when anything runs it."""
        script = self.folder.parent / name
        script.write_text(f"#!/bin/sh\ntouch {self.kit.canary}\ncat\n")
        script.chmod(0o755)
        return script
