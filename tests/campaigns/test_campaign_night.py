"""One night in which everything goes wrong once, and the morning after it.

The real daemon, bubblewrap, hive-proxy, the real Claude CLI and a scripted model, on a small disk, with name servers
and a clock of the test's own. Every trouble has an agent of its own; alice and bob have none, and notice none.
"""

import contextlib
import socket

import psutil
import pytest

from harness.wire.errors import HiveError
from tests.campaigns.night_hive import EIGHT_HOURS_MS, NameServer, NightHive
from tests.campaigns.real_hive import SECONDS
from tests.campaigns.test_campaign_trouble import fill, small_disk
from tests.needs import needs, needs_root

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

DISK_MEGABYTES = 700
KILLS = 5
TROUBLED = ["poisoned", "doomed", "overloaded", "refused", "asking", "crafting", "browsing", "battered"]
UNTROUBLED = ["alice", "bob"]
DEAD_SERVER = """
[extraMcpServers.tracker]
command = "/bin/sh"
args = ["-c", "test ! -e /agents/crafting/state/dead && exec sleep 3600; exit 3"]
"""


def note(word, command="sleep 2"):
    """A turn whose command notes its begin and its end."""
    line = (
        f"echo begin {word} >> /agents/$agent/state/effects; {command}; echo end {word} >> /agents/$agent/state/effects"
    )
    call = {"call": "Bash", "input": {"command": line, "description": "work"}}
    return {"when": f"do {word}", "steps": [call, {"say": "Done."}]}


RULES = [
    note("kindling"),
    note("embers"),
    note("upgrade", "sleep 4"),
    note("browse", "curl -s -m 20 http://printer.example/ | tr -d '\\n' >> /agents/$agent/state/effects; echo"),
    {"agent": "poisoned", "when": "the next thing", "seen": ["P0IS0NED"], "steps": [{"fail": "bad_request"}]},
    {
        "agent": "poisoned",
        "when": "look at the picture",
        "steps": [
            {"call": "Bash", "input": {"command": "echo P0IS0NED", "description": "look"}},
            {"say": "I have seen it."},
        ],
    },
    {"agent": "doomed", "when": "the impossible", "steps": [{"fail": "bad_request"}]},
    {"agent": "overloaded", "when": "anything", "times": 4, "steps": [{"fail": "overloaded"}]},
    {
        "agent": "asking",
        "when": "ask and remind",
        "steps": [
            {"call": "ask", "input": {"question": "Tea or coffee?", "ttl_seconds": 3600}},
            {"call": "remind", "input": {"message": "an hour is over", "delay_seconds": 3600}},
            {"say": "Done."},
        ],
    },
]


@pytest.fixture(scope="module")
def night():
    with (
        small_disk(DISK_MEGABYTES) as place,
        NightHive(*RULES, place=place, grace_seconds=60) as hive,
    ):
        hive.spawn(*TROUBLED, *UNTROUBLED)
        yield hive


@needs("bwrap", "mount", "unshare", "curl")
@needs_root
def test_in_the_morning_everything_is_done_or_waits_for_a_person_with_its_reason(night):
    hive = night
    hive.configure("crafting", DEAD_SERVER)
    before = lives(hive, UNTROUBLED)
    sent = evening(hive)
    agent_dies_five_times(hive)
    tool_server_dies(hive)
    laptop_sleeps_and_wakes_in_another_network(hive)
    daemon_dies_and_loses_its_port(hive)
    disk_is_full_for_a_while(hive)
    hive.done(sent["picture"], sent["next"], sent["after it"], sent["anything"])
    hive.until(lambda: hive.ask("dead_letters")["dead_letters"])
    assert lives(hive, UNTROUBLED) == before
    upgrade_meets_a_running_turn(hive)

    assert hive.effects("alice") == ["begin kindling", "end kindling", "begin upgrade", "end upgrade"]
    assert hive.effects("bob") == ["begin embers", "end embers"]
    (dead,) = hive.ask("dead_letters")["dead_letters"]
    assert (dead["id"], dead["to"]) == (sent["impossible"], "doomed")
    assert "400" in dead["reason"]
    failing = [(one["agent"], one["attempts"]) for one in hive.mail_of_manager() if one["event"] == "turn_failed"]
    assert sorted(failing) == [("doomed", 3), ("poisoned", 3)], "the next try, in a new session, is a good one for one"
    hive.until(lambda: undone(hive) == {sent["spend"]})
    assert hive.needs() == [
        ("dead letter", "doomed"),
        ("degraded", "crafting"),
        ("failed", "refused"),
        ("question", "asking"),
    ]
    assert "tracker" in hive.row("crafting")["note"]
    broken = hive.broken_promises()
    assert broken.keys() == {"dead letters", "logins", "turns"}
    named = {what: [agent for agent in (*TROUBLED, *UNTROUBLED) if agent in text] for what, text in broken.items()}
    assert named == {"dead letters": ["doomed"], "logins": ["refused"], "turns": ["refused"]}, broken
    crashes = [one["agent"] for one in hive.mail_of_manager() if one["event"] == "container_crash"]
    assert crashes == ["battered"] * KILLS

    hive.key_is_refused = False
    hive.ask("start", scope={"agent_names": ["refused"]})
    hive.done(sent["spend"])


def evening(hive):
    """What goes on side by side, and goes wrong by itself; the ids of the messages by their words."""
    bodies = {
        "picture": ("poisoned", "look at the picture"),
        "next": ("poisoned", "now the next thing"),
        "impossible": ("doomed", "do the impossible"),
        "after it": ("doomed", "and then this"),
        "anything": ("overloaded", "anything at all"),
        "spend": ("refused", "spend"),
        "ask": ("asking", "ask and remind"),
    }
    sent = {word: hive.send(*one) for word, one in bodies.items()}
    hive.done(sent["ask"])
    return sent


def agent_dies_five_times(hive):
    for number in range(KILLS):
        hive.container("battered").kill()
        hive.done(hive.send("battered", f"round {number}"))


def tool_server_dies(hive):
    """Between two turns: it does not come up with the next claude."""
    (hive.state / "agents/crafting/state/dead").touch()
    if (claude := hive.claude("crafting")) is not None:
        claude.kill()
    hive.done(hive.send("crafting", "craft it"))


def laptop_sleeps_and_wakes_in_another_network(hive):
    """In the middle of a turn of alice. The name server of before is not there any more."""
    kindling = hive.send("alice", "do kindling")
    hive.until(lambda: hive.effects("alice") == ["begin kindling"])
    hive.order(clock_ms=EIGHT_HOURS_MS)
    hive.name_server("127.9.9.2")
    with NameServer("127.9.9.2") as names:
        hive.done(kindling, hive.send("browsing", "do browse"))
    assert names.asked
    assert "private" in " ".join(hive.effects("browsing")), "the proxy has resolved the name, and refuses the address"


def daemon_dies_and_loses_its_port(hive):
    """In the middle of a turn of bob."""
    embers = hive.send("bob", "do embers")
    hive.until(lambda: hive.effects("bob") == ["begin embers"])
    web = psutil.Process(hive.until(lambda: hive.node("web/process")["pid"]))
    hive.kill()
    psutil.wait_procs([web], SECONDS)  # it ends with the daemon, and leaves the port
    with socket.create_server(("127.0.0.1", hive.settings["web_port"])):
        hive.start()
        hive.done(embers)
        hive.until(lambda: "dashboard" in hive.broken_promises())
    hive.until(lambda: "dashboard" not in hive.broken_promises())


def disk_is_full_for_a_while(hive):
    filler = hive.folder / "filler"
    fill(filler)
    with pytest.raises(HiveError, match="disk"):
        for _ in range(2000):
            hive.send("bob", "x" * 60_000)
    filler.unlink()
    hive.done(hive.until(lambda: sends(hive)))


def upgrade_meets_a_running_turn(hive):
    """Of alice; the rebuild of everybody waits for it."""
    upgrade = hive.send("alice", "do upgrade")
    hive.until(lambda: "begin upgrade" in hive.effects("alice"))
    assert hive.stop() == 0
    hive.order(revision="of-the-morning")
    hive.start()
    hive.done(upgrade)
    hive.until(lambda: all(one["state"] == "idle" and not one["needs_update"] for one in rows(hive)))
    hive.until(lambda: hive.row("refused")["state"] == "parked")


def lives(hive, agents):
    """Pid and birth of their containers."""
    return {name: (hive.container(name).pid, hive.container(name).create_time()) for name in agents}


def rows(hive):
    return [one for one in hive.ask("agent_status")["agent_statuses"] if one["name"] != "refused"]


def undone(hive):
    """Messages to agents that are neither done nor dead letters."""
    open_ = "SELECT id FROM messages WHERE acked_at IS NULL AND recipient != 'operator'"
    return {one["id"] for one in hive.query(open_)}


def sends(hive):
    with contextlib.suppress(HiveError):
        return hive.send("bob", "the disk is free again")
