"""A name is not an identity: after a purge its next owner has nothing of the one before, and the operator sees what stayed.

A destroyed agent that comes back is the same one.
"""

import signal
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest

from actors.agent.registry import api as agents
from actors.broker import api as broker
from actors.store import api as store
from tests.actors.agent.killed_at_purge import MOMENTS, PlacedHive
from tests.actors.whole_hive import WholeHive, Wire
from tests.waiting import until

pytestmark = pytest.mark.slow

STATS = {
    "started_at": "2030-01-01T00:00:00.000Z", "ended_at": "2030-01-01T00:00:01.000Z", "duration_ms": 1000,
    "outcome": "ok", "cold": True, "cost_usd": 1.0, "context_tokens": 7,
}  # fmt: skip


class Client:
    """Asks over a connection of its own each time."""

    def __init__(self, connect):
        self.connect = connect

    def ask(self, cmd, **arguments):
        with self.connect() as wire:
            return wire.ask(cmd, **arguments)


def agent(hive, name):
    return Client(partial(hive.agent, name))


def harness(hive, name):
    return Client(partial(hive.harness, name))


@pytest.fixture(scope="module")
def hive():
    hive = WholeHive()
    Client(hive.host).ask("spawn", name="dave")
    yield hive
    hive.remove()


@pytest.fixture
def carol(hive):
    """An agent with mail that it has done, that is in its turn and that waits, and with a history."""
    host = Client(hive.host)
    assert host.ask("spawn", name="carol")["ok"]
    dave, carol, turns = agent(hive, "dave"), agent(hive, "carol"), harness(hive, "carol")
    for body in ("done", "in the turn", "waits"):
        assert dave.ask("send", to="carol", body=body)["ok"]
    assert [mail["body"] for mail in carol.ask("recv")["messages"]] == ["done"]
    assert turns.ask("ack_turn")["acked"] == 1
    assert [mail["body"] for mail in carol.ask("recv")["messages"]] == ["in the turn"]
    assert turns.ask("publish", events=[{"kind": "note", "text": "of the first"}])["ok"]
    assert turns.ask("turn_ended", stats=STATS)["ok"]
    assert carol.ask("remind", message="of the first", delay_seconds=3600)["ok"]
    assert carol.ask("ask", question="of the first?")["ok"]
    yield "carol"
    client = Client(hive.host)
    if "carol" in client.ask("list")["agents"]:
        client.ask("destroy", name="carol", now=True)
    client.ask("purge_tombstone", name="carol")


def histories(hive, name):
    """Everything that is shown under a name as that agent's."""
    host = Client(hive.host)
    stats = host.ask("stats", agent=name, since="1970-01-01T00:00:00.000Z")["series"].get(name, {})
    (row,) = [row for row in host.ask("agent_status")["agent_statuses"] if row["name"] == name]
    return {
        "live": [one["event"] for one in host.ask("live_history", agent=name)["rows"] if "text" in one["event"]],
        "turns": host.ask("turns", agent=name)["turns"],
        "stats": stats,
        "reminders": [one for one in host.ask("reminders")["reminders"] if one["agent"] == name],
        "open": agent(hive, name).ask("loose_ends"),
        "row": (row["last_turn"], row["turns_today"], row["context_tokens"], row["cost_today_usd"], row["status_text"]),
    }


def undelivered(hive):
    return [mail["body"] for mail in Client(hive.host).ask("messages", undelivered=True)["messages"]]


def bodies(hive, name, cmd="recent", **arguments):
    return [mail["body"] for mail in agent(hive, name).ask(cmd, **arguments)["messages"]]


@pytest.mark.parametrize("way", ["destroy and purge", "destroy, then purge"])
def test_after_a_purge_the_next_of_that_name_has_nothing_of_the_one_before(hive, carol, way):
    before, host = len(undelivered(hive)), Client(hive.host)
    if way == "destroy and purge":
        assert host.ask("destroy", name=carol, purge=True, now=True)["ok"]
    else:
        assert host.ask("destroy", name=carol, now=True)["ok"]
        assert host.ask("purge_tombstone", name=carol)["ok"]
    # Its question was cancelled, which it did not hear either.
    assert undelivered(hive)[before : before + 2] == ["in the turn", "waits"]
    assert host.ask("spawn", name=carol)["ok"]
    assert bodies(hive, carol) == bodies(hive, carol, "recv") == []
    assert agent(hive, carol).ask("status")["pending"] == 0
    found = histories(hive, carol)
    assert found.pop("row") in {(None, None, None, None, None), (None, 0, None, None, None)}
    assert {key: value for key, value in found.pop("open").items() if isinstance(value, list) and value} == {}
    assert {key: value for key, value in found.items() if value} == {}
    assert agent(hive, "dave").ask("send", to=carol, body="for the second")["ok"]
    assert bodies(hive, carol, "recv") == ["for the second"]


def test_destroyed_and_spawned_again_it_is_the_same_agent(hive, carol):
    host = Client(hive.host)
    assert host.ask("destroy", name=carol, now=True)["ok"]
    assert {"in the turn", "waits"} <= set(undelivered(hive))  # not yet: it may come back
    assert host.ask("spawn", name=carol)["ok"]
    until(lambda: agents.row(hive.directory, carol).running, "it runs")
    assert bodies(hive, carol)[:3] == ["done", "in the turn", "waits"]
    assert bodies(hive, carol, "recv", max=32)[:2] == ["in the turn", "waits"]
    found = histories(hive, carol)
    assert all(found[key] for key in ("live", "turns", "stats"))


def test_the_next_owner_cannot_thread_its_mail_to_that_of_the_one_before(hive, carol):
    (old,) = [mail["id"] for mail in agent(hive, carol).ask("recent")["messages"] if mail["body"] == "done"]
    host = Client(hive.host)
    assert host.ask("destroy", name=carol, purge=True, now=True)["ok"]
    assert host.ask("spawn", name=carol)["ok"]
    sent = agent(hive, carol).ask("send", to="operator", body="re", in_reply_to=old)
    (mail,) = [one for one in host.ask("inbox")["messages"] if one["id"] == sent["id"]]
    assert mail["in_reply_to"] is None


def test_a_client_that_still_waits_for_mail_of_the_former_owner_gets_none_of_the_next(hive, carol):
    waits = broker.long_poll(hive.directory, name=carol, wait_seconds=60)
    waits.wait()  # what was there
    waits = broker.long_poll(hive.directory, name=carol, wait_seconds=60)
    broker.end_generation(hive.directory, carol)
    assert waits.wait().messages == []


def test_a_reminder_that_is_out_of_attempts_does_not_pass_to_the_next_owner(hive, carol):
    host = Client(hive.host)
    (reminder,) = [one for one in host.ask("reminders")["reminders"] if one["agent"] == carol]
    sql = "UPDATE reminders SET attempts = 99 WHERE id = ?"
    store.write(hive.directory, lambda connection: connection.execute(sql, (reminder["id"],)) and None).get(timeout=10)
    hive.close()
    hive.open()
    host = Client(hive.host)
    assert host.ask("destroy", name=carol, purge=True, now=True)["ok"]
    assert [one for one in host.ask("reminders")["reminders"] if one["agent"] == carol] == []
    assert not host.ask("retry_reminder", id=reminder["id"])["ok"]


def test_a_generation_outlives_the_daemon(hive, carol):
    host = Client(hive.host)
    assert host.ask("destroy", name=carol, purge=True, now=True)["ok"]
    hive.close()
    hive.open()
    assert Client(hive.host).ask("spawn", name=carol)["ok"]
    assert bodies(hive, carol) == []
    hive.close()
    hive.open()
    until(lambda: agents.row(hive.directory, carol).running, "it runs")
    assert bodies(hive, carol) == []
    assert histories(hive, carol)["turns"] == []


def test_a_peer_that_is_added_again_is_another_one(hive):
    host = Client(hive.host)
    assert host.ask("add_peer", name="zoe")["ok"]
    for body in ("read", "waits"):
        assert host.ask("send", to="zoe", body=f"zoe {body}")["ok"]
    zoe = hive.config.run_dir / "peers" / "zoe" / "hive.sock"
    assert len(Client(partial(Wire, zoe)).ask("recv")["messages"]) == 1
    assert host.ask("remove_peer", name="zoe")["ok"]
    assert undelivered(hive)[-2:] == ["zoe read", "zoe waits"]
    assert host.ask("add_peer", name="zoe")["ok"]
    assert Client(partial(Wire, zoe)).ask("recent")["messages"] == []
    assert Client(partial(Wire, zoe)).ask("recv")["messages"] == []


def test_what_was_never_delivered_is_marked_in_the_flow(hive, carol):
    host = Client(hive.host)
    assert host.ask("destroy", name=carol, purge=True, now=True)["ok"]
    flow = {mail["body"]: mail["undelivered"] for mail in host.ask("messages", limit=20)["messages"]}
    assert (flow["in the turn"], flow["waits"]) == (True, True)


@pytest.mark.parametrize("moment", list(MOMENTS))
def test_a_daemon_that_is_killed_in_a_purge_gives_the_next_owner_all_of_the_one_before_or_nothing(moment):
    with tempfile.TemporaryDirectory(prefix="hive-") as place:
        argv = [sys.executable, "-m", "tests.actors.agent.killed_at_purge", place, moment]
        ended = subprocess.run(argv, timeout=120, capture_output=True, text=True, check=False)  # noqa: S603
        assert ended.returncode == -signal.SIGKILL, ended.stderr[-2000:]
        hive = PlacedHive(place, adopted=("hm1nd", "dave"))
        try:
            notes = Path(place) / "state" / "agents" / "carol" / "state" / "old.md"
            same = moment == "before the first step"
            assert notes.parent.exists() is same
            assert list(notes.parents[2].glob(".purged-*")) == []
            assert [one["name"] for one in Client(hive.host).ask("tombstones")["tombstones"]] == ["carol"] * same
            if same:
                notes.write_text("of the first")
            assert Client(hive.host).ask("spawn", name="carol")["ok"]
            until(lambda: agents.row(hive.directory, "carol").running, "it runs")
            mail = bodies(hive, "carol")
            assert ("for the first" in mail) is same
            assert notes.exists() is same
            assert bool(histories(hive, "carol")["turns"]) is same
            assert ("for the first" in undelivered(hive)) is not same
        finally:
            hive.close()
