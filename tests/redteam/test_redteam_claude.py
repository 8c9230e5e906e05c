"""The attacks on the container once more, through the Bash of the real Claude Code in a whole hive."""

import json
import os
from pathlib import Path

import pytest

from actors.agent.workspace.paths import Workspace
from tests.actors.agent.nspawn_parts import with_image
from tests.campaigns.real_hive import RealHive
from tests.needs import REQUIRED
from tests.redteam import test_redteam_containers as attacks
from tests.redteam.cages import KINDS, USER, becoming, lacking

PROGRAM = f"""
import contextlib, io, json
told = {{}}
for name, text in json.loads({json.dumps(json.dumps({"open": attacks.OPEN_FILES, "groups": attacks.GROUPS, "grow": attacks.GROW, "setuid": attacks.SETUID}))}).items():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(text, {{}})
    told[name] = json.loads(out.getvalue().splitlines()[-1])
told["uid map"] = open("/proc/self/uid_map").read().split()
print("told", json.dumps(told))
"""
ATTACK = {
    "agent": "alice",
    "when": "look around",
    "steps": [
        {
            "call": "Bash",
            "input": {"command": "python3 $$HOME/attack.py 2>&1 | tail -n 5", "description": "look around"},
        },
        {"call": "send", "input": {"to": "operator", "body": "$result"}},
        {"say": "That is all I can see."},
    ],
}


class UsersHive(RealHive):
    """The daemon as an ordinary user."""

    def __init__(self, *rules, user, **settings):
        super().__init__(*rules, **settings)
        for path in (self.folder, *self.folder.iterdir()):
            os.chown(path, user, user)
        self.argv = [*becoming(user), *self.argv]

    def start(self):
        # The socket that the daemon says it is ready on is root's; the daemon sets its own umask.
        before = os.umask(0)
        try:
            return super().start()
        finally:
            os.umask(before)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_claudes_bash_reaches_nothing_of_the_host_and_does_not_size_its_log(kind):
    if reason := lacking(kind):
        (pytest.fail if REQUIRED else pytest.skip)(reason)
    user = USER if kind == "bwrap-user" else 0
    hive = UsersHive(ATTACK, user=user, runtime=kind.partition("-")[0])
    if kind == "nspawn":
        with_image(Workspace(hive.state, hive.run))
    with hive:
        hive.spawn("alice")
        home = hive.state / "agents/alice/home"
        (home / "attack.py").write_text(PROGRAM)
        (home / "attack.py").chmod(0o644)
        hive.send("alice", "look around")
        words = "SELECT body FROM messages WHERE recipient = 'operator' AND sender = 'alice'"
        seen = hive.until(lambda: hive.query(words))[0]["body"]
        assert "told " in seen, seen[-2000:]
        told = json.loads(next(line for line in seen.splitlines() if line.startswith("told ")).removeprefix("told "))
        assert (told["open"], told["groups"]) == ([], [])
        assert (hive.state / "logs/alice.log").stat().st_size < 1_000_000
        pid = json.loads((hive.run / "agents/alice/container.json").read_text())["pid"]
        owners = {status.st_uid for status in _inside(pid)}
        assert 0 not in owners
        made = [path for path in home.iterdir() if path.stat().st_mode & 0o6000 and path.stat().st_uid < 0x80000]
        assert made == []
        assert hive.daemon.poll() is None


def _inside(shim):
    """The processes of a pid namespace of their own below the shim."""
    pids = [shim]
    for pid in pids:
        try:
            pids += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
            words = Path(f"/proc/{pid}/status").read_text()
            if len(next(line for line in words.splitlines() if line.startswith("NSpid")).split()) > 2:
                yield Path(f"/proc/{pid}").stat()
        except FileNotFoundError:
            continue
