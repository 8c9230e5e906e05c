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
    {{"cmd": "publish", "events": [{{"kind": "note", "text": word}}]}},
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


@pytest.mark.slow
@needs("bwrap")
@pytest.mark.parametrize("first", range(4), ids=["publish", "send", "remind", "ask"])
def test_bugs_in_every_component_cost_the_attacker_its_socket_and_nobody_else_anything(first):
    hive = RealHive(ATTACK)
    hive.argv[2] = "tests.redteam.fragile_daemon"
    with hive:
        hive.spawn("alice")
        hive.spawn("bob")
        home = hive.state / "agents/alice/home"
        (home / "attack.py").write_text(PROGRAM)
        (home / "first").write_text(str(first))
        for path in (home / "attack.py", home / "first"):
            path.chmod(0o644)
        hive.send("alice", "look around")
        hive.until((home / "seen.json").exists)
        seen = json.loads((home / "seen.json").read_text())
        assert sum("alice is suspended" in error for error in seen) >= 40, seen
        assert [row["name"] for row in hive.ask("suspensions")["suspensions"]] == ["alice"]
        kept = hive.ask("kept_requests", name="alice")["requests"]
        assert kept
        assert all(BUG in one["request"] for one in kept)
        assert answered(hive, "bob")
        assert hive.daemon.poll() is None
        hive.kill()
        hive.start()
        assert [row["name"] for row in hive.ask("suspensions")["suspensions"]] == ["alice"]
        hive.ask("lift_suspension", name="alice")
        assert answered(hive, "alice")


def answered(hive, name):
    """Whether mail to this agent is dealt with in a turn."""
    hive.send(name, f"are you well, {name}?")
    words = f"SELECT 1 FROM messages WHERE recipient = '{name}' AND body LIKE 'are you well%' AND acked_at IS NOT NULL"
    return hive.until(lambda: hive.query(words))
