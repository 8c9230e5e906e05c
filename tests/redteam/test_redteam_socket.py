"""What an agent's own programs do over its socket, from the Bash of the real Claude Code in each kind of container.

One hive for each kind, with bugs put into its components: the attacks come one after the other in one turn of alice, and
in one of the next alice. What they saw, and what the operator saw meanwhile, is looked at by the tests.
"""

import json
import random
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from actors.agent.workspace.paths import Workspace
from harness.wire.agent_api import AGENT_VERBS
from tests import torture
from tests.actors.agent.nspawn_parts import with_image
from tests.harness.frame_reader import read
from tests.needs import REQUIRED
from tests.redteam import hostile, inside_socket
from tests.redteam.cages import KINDS, USER, lacking
from tests.redteam.test_redteam_claude import UsersHive

pytestmark = pytest.mark.slow

PHASES = ("values", "flood", "rates", "frames", "paused", "suspended")
REQUESTS = 150
WAIT_SECONDS = 5.0
"""Far more than the operator waits for a list; with a flood it used to be for ever."""


def rule(words, *phases):
    command = f"python3 -I $$HOME/inside_socket.py $$HOME {' '.join(phases)} 2>&1 | tail -n 5"
    steps = [{"call": "Bash", "input": {"command": command, "description": "try it"}}, {"say": "That is all."}]
    return {"agent": "alice", "when": words, "steps": steps}


def requests(chance):
    """Of every verb but those that wait; nothing of it is mail for an agent, which would have a turn for each."""
    for _ in range(REQUESTS):
        frame = hostile.request(chance.choice([cmd for cmd in AGENT_VERBS if cmd != "recv"]), chance)
        if frame.get("to") in ("bob", "manager", "hm1nd", "*", "self"):
            frame["to"] = "operator"
        yield hostile.line(frame)


class Attacked:
    """The hive, and what each phase has told."""

    def __init__(self, kind):
        rules = [rule("once more", "another"), rule("look around", *PHASES)]
        user = USER if kind == "bwrap-user" else 0
        self.hive = UsersHive(*rules, user=user, runtime=kind.partition("-")[0], questions_per_minute=3)
        self.hive.argv[self.hive.argv.index("actors.cli")] = "tests.redteam.fragile_daemon"
        if kind == "nspawn":
            with_image(Workspace(self.hive.state, self.hive.run))
        self.home = self.hive.state / "agents/alice/home"
        self.seed = torture.seed()

    def place(self, name, content):
        (self.home / name).write_bytes(content)
        (self.home / name).chmod(0o644)

    def told(self, phase):
        self.hive.until((self.home / f"{phase}.json").exists)
        return json.loads((self.home / f"{phase}.json").read_text())

    def attack(self):
        hive, seen = self.hive, SimpleNamespace(seed=self.seed, hive=self.hive)
        hive.spawn("alice", "bob")
        self.place("lines", b"".join(requests(random.Random(self.seed))))
        self.place("inside_socket.py", Path(inside_socket.__file__).read_bytes())
        hive.send("alice", "look around")
        seen.values = self.told("values")
        seen.lists = {cmd: hive.ask(cmd) for cmd in ("agent_status", "questions", "reminders", "messages", "inbox")}
        hive.until((self.home / "flooding").exists)
        began = time.monotonic()
        for _ in range(5):
            hive.ask("agent_status")
        seen.waited = time.monotonic() - began
        self.place("seen", b"")
        seen.flood, seen.rates, seen.frames = (self.told(phase) for phase in ("flood", "rates", "frames"))
        hive.until((self.home / "ready").exists)
        hive.ask("set_paused", name="alice", paused=True)
        hive.send("alice", "for after the pause")
        self.place("now", b"")
        seen.paused = self.told("paused")
        hive.ask("set_paused", name="alice", paused=False)
        self.place("resumed", b"")
        seen.suspended = self.told("suspended")
        seen.suspensions = [row["name"] for row in hive.ask("suspensions")["suspensions"]]
        seen.kept = hive.ask("kept_requests", name="alice")["requests"]
        hive.until(lambda: hive.query("SELECT 1 FROM messages WHERE recipient = 'bob' AND acked_at IS NOT NULL"))
        hive.send("alice", "never delivered")
        hive.ask("destroy", name="alice", purge=True)
        hive.spawn("alice")
        self.place("inside_socket.py", Path(inside_socket.__file__).read_bytes())
        hive.send("alice", "once more")
        seen.another = self.told("another")
        seen.after = [row["name"] for row in hive.ask("suspensions")["suspensions"]]
        seen.prompts = list(self.prompts("bob"))
        assert hive.daemon.poll() is None
        return seen

    def prompts(self, name):
        """What was said to Claude, as its own record of the session has it."""
        for record in (self.hive.state / f"agents/{name}/claude/projects").glob("*/*.jsonl"):
            for line in record.read_text().splitlines():
                message = json.loads(line).get("message") or {}
                content = message.get("content") if message.get("role") == "user" else None
                blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
                yield from (
                    one["text"] for one in blocks if one.get("type") == "text" and "look at this" in one["text"]
                )


@pytest.fixture(scope="module", params=KINDS)
def seen(request):
    if reason := lacking(request.param):
        (pytest.fail if REQUIRED else pytest.skip)(reason)
    attacked = Attacked(request.param)
    with attacked.hive:
        yield attacked.attack()


def test_hostile_values_from_inside_crash_nothing_and_hide_no_list(seen):
    assert sum(seen.values.values()) == REQUESTS
    assert not {"internal", "timeout", "unavailable", "ConnectionRefusedError"} & seen.values.keys(), seen.seed
    assert seen.values["bad_request"] > REQUESTS // 4
    assert all(reply["ok"] for reply in seen.lists.values()), seen.seed


def test_a_flood_from_inside_leaves_the_operator_his_turn(seen):
    assert seen.waited < WAIT_SECONDS
    assert seen.flood > 10, "halves of requests beyond the share are refused"


def test_an_agent_in_a_hurry_is_told_to_wait(seen):
    assert seen.rates == ["rate_limited", True, True]


def test_mail_from_inside_never_looks_like_the_operators(seen):
    assert seen.frames
    assert seen.prompts
    found, _ = read(seen.prompts[0])
    (frame,) = [one for one in found if "look at this" in one.text]
    assert (frame.attributes["from"], frame.attributes["written-by"]) == ("alice", "peer")
    assert frame.text.endswith(inside_socket.FORGED)


def test_a_paused_agent_sends_nothing_and_is_handed_nothing(seen):
    assert set(seen.paused["codes"].values()) == {"conflict"}
    assert (seen.paused["mail"], seen.paused["paused"]) == ([], True)
    assert seen.paused["remaining"] >= 1


def test_an_agent_whose_requests_crash_components_is_suspended(seen):
    assert seen.suspended == ["unavailable"] * 3
    assert seen.suspensions == ["alice"]
    assert all(inside_socket.BUG in one["request"] for one in seen.kept)


def test_the_next_owner_of_a_name_has_nothing_of_the_one_before(seen):
    assert seen.after == []
    assert [body for body in seen.another["mail"] if "never delivered" in body or "pause" in body] == []
    assert seen.another["ends"] == []
