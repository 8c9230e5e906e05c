"""A paused agent is handed no mail and may not send: its socket sees to that, whatever its harness does."""

import pytest

from actors.agent.registry import api
from actors.broker import api as broker
from tests.actors.agent.hive_parts import AgentHive
from tests.waiting import until


@pytest.fixture
def hive():
    hive = AgentHive()
    for name in ("alice", "bob"):
        api.spawn(hive.directory, name)
    for name in ("alice", "bob", "manager"):
        hive.mail(name)
        broker.ack_turn(hive.directory, name)
    yield hive
    hive.remove()


@pytest.fixture
def alice(hive):
    with hive.client("alice") as client:
        yield client


def pause(hive, name="alice", *, paused=True):
    api.set_paused(hive.directory, name, paused=paused)


def write(hive, body="hello"):
    broker.send(hive.directory, sender="operator", to="alice", body=body)


def test_mail_queues_and_is_handed_over_after_the_pause(hive, alice):
    pause(hive)
    write(hive)
    reply = alice.ask("recv")
    assert (reply["messages"], reply["remaining"], reply["paused"]) == ([], 1, True)
    pause(hive, paused=False)
    reply = alice.ask("recv")
    assert ([one["body"] for one in reply["messages"]], reply["paused"]) == (["hello"], False)
    assert reply["messages"][0]["redelivered"] is False


@pytest.mark.parametrize(
    ("cmd", "arguments"),
    [
        ("send", {"to": "bob", "body": "x"}),
        ("send", {"to": "self", "body": "x"}),
        ("send", {"to": "*", "body": "x"}),
        ("wake", {"from": "script", "body": "x"}),
        ("ask", {"question": "may I?"}),
        ("answer", {"id": 1, "answer": "yes"}),
        ("remind", {"message": "x", "delay_seconds": 5}),
    ],
)
def test_nothing_goes_out(hive, alice, cmd, arguments):
    pause(hive)
    reply = alice.ask(cmd, **arguments)
    assert (reply["ok"], reply["code"], reply["error"]) == (False, "conflict", "alice is paused")
    assert "hive resume" in reply["hint"]


@pytest.mark.parametrize("cmd", ["start", "kill", "restart", "update"])
def test_a_paused_manager_gives_no_orders(hive, cmd):
    pause(hive, "manager")
    with hive.client("manager") as manager:
        assert manager.ask(cmd, name="bob")["error"] == "manager is paused"


def test_a_pause_takes_effect_in_a_long_poll_that_is_open(hive, alice):
    alice.send("recv", wait_seconds=100)
    until(lambda: broker.counts(hive.directory)["alice"].polling, "it waits")
    pause(hive)
    reply = alice.reply()
    assert (reply["messages"], reply["paused"]) == ([], True)
    write(hive)
    assert broker.counts(hive.directory)["alice"].pending == 1


def test_a_long_poll_of_a_paused_agent_waits_and_ends_with_the_pause(hive, alice):
    pause(hive)
    write(hive)
    alice.send("recv", wait_seconds=100)
    until(lambda: broker.counts(hive.directory)["alice"].last_asked_at is not None, "it asks")
    pause(hive, paused=False)
    reply = alice.reply()
    assert (reply["messages"], reply["paused"]) == ([], False)
    assert [one["body"] for one in alice.ask("recv", wait_seconds=100)["messages"]] == ["hello"]


def test_what_a_running_turn_needs_to_end_stays_and_resume_reaches_the_harness(hive, alice):
    write(hive)
    alice.ask("recv")
    pause(hive)
    assert alice.ask("ack_turn")["acked"] == 1
    assert alice.ask("publish", events=[{"kind": "note", "text": "x"}])["ok"]
    assert alice.ask("control")["paused"] is True
    pause(hive, paused=False)
    assert alice.ask("control", wait_seconds=10)["paused"] is False


def test_the_pause_outlives_the_daemon(hive):
    pause(hive)
    hive.close()
    again = AgentHive(runtime=hive.runtime, folder=hive.place)
    hive.directory, hive.names = again.directory, again.names
    until(lambda: again.row("alice").running, "alice is adopted")
    with again.client("alice") as alice:
        assert alice.ask("send", to="bob", body="x")["error"] == "alice is paused"


def test_an_agent_that_was_paused_when_it_was_destroyed_is_not_when_it_comes_back(hive):
    pause(hive)
    api.destroy(hive.directory, "alice", purge=True)
    api.spawn(hive.directory, "alice")
    with hive.client("alice") as alice:
        assert alice.ask("send", to="bob", body="x")["ok"]
