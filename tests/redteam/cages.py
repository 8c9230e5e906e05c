"""The kinds of container an attack is tried in, and how a test starts one."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from actors.agent.workspace.remove_tree import remove_tree
from tests.actors.agent import nspawn_parts
from tests.needs import REQUIRED

ROOT = Path(__file__).parents[2]
USER = 61_234
"""An ordinary user without a name, groups and rights: the daemon's in `bwrap-user`."""

KINDS = ("bwrap-root", "bwrap-user", "nspawn")
SECONDS = 100.0


def lacking(kind: str) -> str | None:
    """Why this kind cannot be tried here."""
    if os.geteuid() != 0:
        return "needs root, which also becomes an ordinary user"
    if kind == "nspawn":
        return nspawn_parts.lacking()
    return None if shutil.which("bwrap") else "bwrap not installed"


AS_USER = """
set -e
if [ -n "$2" ]; then
    mount -t tmpfs -o mode=755 none /mnt
    mkdir /mnt/kept
    mount --bind "$1" /mnt/kept
    mount -t tmpfs -o mode=755 none "$2"
    mkdir -p "$1"
    mount --bind /mnt/kept "$1"
fi
user=$3
shift 3
umask 022
exec setpriv --reuid "$user" --regid "$user" --clear-groups -- "$@"
"""
"""The interpreter may lie in a folder that is root's alone; in a mount namespace of its own the user reaches it."""


def becoming(user: int) -> list[str]:
    """What stands before a command that is to run as this user of the host."""
    if user == 0:
        return []
    python = Path(sys.base_prefix)
    closed = next((str(folder) for folder in reversed(python.parents) if not folder.stat().st_mode & stat.S_IXOTH), "")
    return ["unshare", "--mount", "sh", "-c", AS_USER, "sh", str(python), closed, str(user)]


class Cage:
    """A place on the host with one agent, `alice`. `run` starts her container anew each time."""

    def __init__(self, kind: str) -> None:
        if reason := lacking(kind):
            (pytest.fail if REQUIRED else pytest.skip)(reason)
        self.kind = kind
        self.user = USER if kind == "bwrap-user" else 0
        self.place = Path(tempfile.mkdtemp(prefix="hive-red-"))
        os.chown(self.place, self.user, self.user)

    def run(self, text, *, binds=(), kept=(), look=False, limits=None):
        """What the program inside printed and what else `cage.py` tells."""
        order = {
            "kind": self.kind.partition("-")[0], "place": str(self.place), "text": text, "look": look,
            "binds": list(binds), "kept": [str(one) for one in kept], "limits": limits or {},
        }  # fmt: skip
        done = subprocess.run(
            [*becoming(self.user), sys.executable, "-m", "tests.redteam.cage"], input=json.dumps(order),
            capture_output=True, text=True, cwd=ROOT, timeout=SECONDS, check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(Path.home()), "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def told(self, text, **more):
        """The JSON that the program inside has printed in its last line."""
        answer = self.run(text, **more)
        assert "lines" in answer, answer
        assert answer["lines"], "the program inside printed nothing"
        try:
            return json.loads(answer["lines"][-1])
        except ValueError:
            raise AssertionError("\n".join(answer["lines"])) from None

    def said(self, limits):
        """How the runtime says that it enforces these limits, as the daemon's user."""
        return self.run(None, limits=limits)["said"]

    def folder(self, name):
        """A folder of the daemon's user, to be bound."""
        made = self.place / name
        made.mkdir()
        os.chown(made, self.user, self.user)
        return made

    def everything(self):
        """Every file and folder of the host below this place."""
        for around, folders, files in os.walk(self.place):
            if Path(around) == self.place / "state" and "images" in folders:
                folders.remove("images")
            for name in (*folders, *files):
                yield Path(around) / name

    def remove(self):
        (self.place / "state/images").unlink(missing_ok=True)
        remove_tree(self.place)
