"""An agent is not its harness: its processes cannot speak for it, take its descriptors, or change what it does next."""

import json
from pathlib import Path

import pytest

from actors.agent.workspace.paths import Workspace
from tests.actors.agent.nspawn_parts import with_image
from tests.needs import REQUIRED
from tests.redteam import inside_harness
from tests.redteam.cages import KINDS, USER, lacking
from tests.redteam.test_redteam_claude import UsersHive

pytestmark = pytest.mark.slow

ATTACK = Path(inside_harness.__file__).read_text()

BESIDE = f"""
import os, subprocess, sys
if SHIELDED:
    from harness.shield import raise_shield
    raise_shield()
os.set_inheritable(3, False)
done = subprocess.run([sys.executable, "-I", "-c", {ATTACK!r}, str(os.getpid())], capture_output=True, text=True)
print(*[line.removeprefix("told ") for line in done.stdout.splitlines()] or [repr(done.stderr)])
"""
"""A program in the place of a harness, and the attack as its child."""


def test_a_process_beside_the_harness_takes_nothing_from_it(cage):
    told = cage.told(BESIDE.replace("SHIELDED", "True"))
    assert (told["opened"], told["robbed"], told["inherited"]) == ([], [], [])
    assert (told["memory"], told["traced"]) == (False, False)
    assert told["uid"] != 0
    assert int(told["capabilities"], 16) == 0


def test_it_is_the_shield_that_holds_this(cage):
    told = cage.told(BESIDE.replace("SHIELDED", "False"))
    assert {"environ", "maps", "mem"} <= set(told["opened"])
    assert told["memory"]
    assert told["robbed"] or told["traced"]  # nspawn refuses pidfd_getfd by itself


RULE = {
    "agent": "alice",
    "when": "try it",
    "steps": [
        {"call": "Bash", "input": {"command": "python3 -I $$HOME/attack.py 2>&1 | tail -n 5", "description": "try it"}},
        {"call": "send", "input": {"to": "operator", "body": "$result"}},
        {"say": "That is all."},
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_claudes_bash_is_not_its_harness(kind):
    if reason := lacking(kind):
        (pytest.fail if REQUIRED else pytest.skip)(reason)
    hive = UsersHive(RULE, user=USER if kind == "bwrap-user" else 0, runtime=kind.partition("-")[0])
    if kind == "nspawn":
        with_image(Workspace(hive.state, hive.run))
    with hive:
        hive.spawn("alice")
        home = hive.state / "agents/alice/home"
        (home / "attack.py").write_text(ATTACK)
        (home / "attack.py").chmod(0o644)
        hive.send("alice", "try it")
        words = "SELECT body FROM messages WHERE recipient = 'operator' AND sender = 'alice'"
        seen = hive.until(lambda: hive.query(words))[0]["body"]
        assert "told " in seen, seen[-2000:]
        told = json.loads(next(line for line in seen.splitlines() if line.startswith("told ")).removeprefix("told "))
        assert told["verbs"] == dict.fromkeys(inside_harness.VERBS, "unknown_command")
        assert told["scripts"] == [True] * 4
        assert (told["opened"], told["robbed"], told["inherited"], told["environment"]) == ([], [], [], [])
        assert (told["memory"], told["traced"], told["written"]) == (False, False, [])
        # What was planted for the next start of the harness does not run there.
        hive.until(lambda: hive.row("alice")["state"] == "idle")
        session = (hive.state / "agents/alice/harness/session.json").read_text()
        hive.ask("restart", name="alice")
        hive.until(lambda: hive.row("alice")["state"] == "idle")
        hive.send("alice", "are you there?")
        hive.until(lambda: not hive.query("SELECT 1 FROM messages WHERE recipient = 'alice' AND acked_at IS NULL"))
        assert (hive.state / "agents/alice/state/asyncio.py").exists()
        assert not (hive.state / "agents/alice/state/planted").exists()
        assert (hive.state / "agents/alice/claude/remote-settings.json").exists()
        assert not (hive.state / "agents/alice/state/hooked").exists()
        assert json.loads(session)["session_id"]
        assert (hive.state / "agents/alice/harness/session.json").read_text() == session
