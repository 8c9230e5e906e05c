"""An agent that has found a bug in every component, from the Bash of the real Claude Code in a whole hive."""

import json

import pytest

from tests.campaigns.real_hive import RealHive
from tests.needs import needs
from tests.redteam.fragile_daemon import BUG

# The word is put together inside, so that no report of the turn holds it.
PROGRAM = f"""
import json, os, socket, time
word = "-".join({BUG.split("-")!r})
requests = [
    {{"cmd": "wake", "from": "script", "body": word}},
    {{"cmd": "send", "to": "bob", "body": word}},
    {{"cmd": "remind", "message": word, "delay_seconds": 60}},
    {{"cmd": "ask", "question": word}},
]
first = int(open(os.path.expanduser("~/first")).read())
seen = []
for number in range(50):
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect("/run/hive/hive.sock")
            client.sendall(json.dumps(requests[(first + number) % 4]).encode() + b"\\n")
            seen.append(str(json.loads(client.makefile().readline()).get("error")))
        except (OSError, ValueError) as error:  # its own socket is restarted with the container's actor
            seen.append(repr(error))
            time.sleep(0.1)
part = os.path.expanduser("~/part")
with open(part, "w") as file:
    json.dump(seen, file)
os.rename(part, os.path.expanduser("~/seen.json"))
"""
ATTACK = {
    "agent": "alice",
    "when": "look around",
    "steps": [
        {"call": "Bash", "input": {"command": "python3 $$HOME/attack.py; echo over", "description": "look around"}},
        {"say": "That is all."},
    ],
}


ATTACKERS = {"alice": "wake", "carol": "send", "dave": "remind", "erin": "ask"}
"""Each begins with another component."""


@pytest.mark.slow
@needs("bwrap")
def test_bugs_in_every_component_cost_the_attackers_their_sockets_and_nobody_else_anything():
    hive = RealHive(*({**ATTACK, "agent": name} for name in ATTACKERS))
    hive.argv[2] = "tests.redteam.fragile_daemon"
    with hive:
        hive.spawn(*ATTACKERS, "bob")
        for number, name in enumerate(ATTACKERS):
            attack(hive, name, number)
            assert [row["name"] for row in hive.ask("suspensions")["suspensions"]] == list(ATTACKERS)[: number + 1]
            assert answered(hive, "bob")
        assert hive.daemon.poll() is None
        hive.kill()
        hive.start()
        assert [row["name"] for row in hive.ask("suspensions")["suspensions"]] == list(ATTACKERS)
        for name in ATTACKERS:
            hive.ask("lift_suspension", name=name)
            assert answered(hive, name)


def attack(hive, name, first):
    """All that this agent can do, beginning with one component; checks what it was answered and what is kept of it."""
    home = hive.state / f"agents/{name}/home"
    (home / "attack.py").write_text(PROGRAM)
    (home / "first").write_text(str(first))
    for path in (home / "attack.py", home / "first"):
        path.chmod(0o644)
    hive.send(name, "look around")
    hive.until((home / "seen.json").exists)
    seen = json.loads((home / "seen.json").read_text())
    assert sum(f"{name} is suspended" in error for error in seen) >= 40, seen
    kept = hive.ask("kept_requests", name=name)["requests"]
    assert kept
    assert all(BUG in one["request"] for one in kept)


def answered(hive, name):
    """Whether mail to this agent is dealt with in a turn."""
    hive.done(hive.send(name, f"are you well, {name}?"))
    return True
