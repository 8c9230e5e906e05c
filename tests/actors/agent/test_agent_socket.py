"""An agent's socket: who asks is known from the socket, and a client that goes loses nothing."""

import os

import pytest

from actors.agent.container.messages import Control
from actors.agent.registry import api
from actors.broker import api as broker
from actors.supervision import settle
from harness.wire.agent_api import AGENT_VERBS, MANAGER_VERBS
from tests.actors.agent.hive_parts import AgentHive, Client
from tests.waiting import SECONDS


@pytest.fixture
def hive():
    hive = AgentHive()
    api.spawn(hive.directory, "alice")
    yield hive
    hive.remove()


@pytest.fixture
def alice(hive):
    with hive.client("alice") as client:
        yield client


@pytest.fixture
def harness(hive):
    with hive.harness("alice") as client:
        yield client


@pytest.fixture
def manager(hive):
    with hive.client("manager") as client:
        yield client


def ask(client, cmd, **arguments):
    reply = client.ask(cmd, **arguments)
    assert reply["ok"], reply
    return reply


def test_the_sender_is_the_socket(hive, alice):
    ask(alice, "send", to="operator", body="hello")
    assert broker.operator_inbox(hive.directory).messages[-1].from_ == "alice"


def test_mail_is_leased_acked_and_counted(hive, alice, harness):
    broker.send(hive.directory, sender="operator", to="alice", body="do it")
    assert ask(alice, "status")["pending"] == 1
    assert [message["body"] for message in ask(alice, "recv")["messages"]] == ["do it"]
    assert ask(alice, "status")["leased"] == 1
    assert ask(harness, "ack_turn")["acked"] == 1
    assert [message["body"] for message in ask(alice, "recent")["messages"]] == ["do it"]
    assert ask(harness, "requeue_inflight")["requeued"] == 0


def test_a_waiting_recv_returns_with_the_mail(hive, alice):
    alice.send("recv", wait_seconds=60)
    settle()
    broker.send(hive.directory, sender="operator", to="alice", body="now")
    assert [message["body"] for message in alice.reply()["messages"]] == ["now"]


def test_a_waiting_recv_whose_client_is_gone_consumes_nothing(hive):
    with hive.client("alice") as gone:
        gone.send("recv", wait_seconds=60)
        settle()
    settle()
    broker.send(hive.directory, sender="operator", to="alice", body="for the next client")
    with hive.client("alice") as there:
        (message,) = ask(there, "recv")["messages"]
    assert message["redelivered"] is False


def test_whoami_tells_who_the_socket_says_you_are_and_what_is_in_force(hive, alice, manager):
    api.set_paused(hive.directory, "alice", paused=True)
    reply = ask(alice, "whoami")
    assert (reply["name"], reply["role"], reply["model"], reply["paused"]) == ("alice", "agent", "haiku", True)
    assert reply["limits"]["body_bytes"] == 64 * 1024
    assert reply["policy"]["allowedRecipients"] is None
    assert (ask(manager, "whoami")["name"], ask(manager, "whoami")["role"]) == ("manager", "manager")


def test_a_status_text_is_shown_in_the_row(hive, alice):
    ask(alice, "set_status", text="counting")
    row = hive.row("alice")
    assert (row.status_text, row.status_set_at is not None) == ("counting", True)


def test_a_wake_goes_into_ones_own_inbox(hive, alice):
    ask(alice, "wake", **{"from": "webhook", "body": "a push"})
    (message,) = ask(alice, "recv")["messages"]
    assert "a push" in message["body"]


def test_what_the_harness_says_of_itself_is_the_state_of_the_row(hive, harness):
    since = "2026-01-01T00:00:00.000Z"
    events = [{"kind": "state", "state": "thinking", "since": since}, {"kind": "model", "model": "opus"}]
    assert ask(harness, "publish", events=events)["stored"] == 2
    row = hive.row("alice")
    assert (row.state, row.since, row.active_model, row.running, row.needs_login) == (
        "thinking",
        since,
        "opus",
        True,
        False,
    )
    api.stop(hive.directory, "alice", now=True)
    assert (hive.state("alice"), hive.row("alice").active_model) == ("stopped", "opus")


def test_an_event_that_is_not_as_agreed_changes_nothing_in_the_row(hive, harness):
    harness.ask("publish", events=[{"kind": "state", "state": "dancing"}])
    assert hive.state("alice") == "running"


def test_an_operator_command_is_taken_by_a_listening_harness(hive, harness):
    assert ask(harness, "control", wait_seconds=60) | {"version": 1} == {
        "version": 1, "ok": True, "commands": [], "paused": False,
    }  # fmt: skip
    harness.send("control", wait_seconds=60)
    settle()
    api.control(hive.directory, "alice", "model", "opus")
    assert harness.reply()["commands"] == [{"action": "model", "value": "opus"}]


def test_a_command_that_no_harness_takes_is_unavailable_and_never_happens(hive, harness):
    ask(harness, "control")
    asked = hive.directory.ask_later("agents/alice/container", Control("cancel"))
    hive.clock.advance(6)
    assert asked.error.code == "unavailable"
    harness.send("control", wait_seconds=1)
    settle()
    hive.clock.advance(1)
    assert harness.reply()["commands"] == []


def test_a_command_to_a_stopped_agent_is_unavailable(hive):
    api.stop(hive.directory, "alice")
    with pytest.raises(Exception, match="does not run"):
        api.control(hive.directory, "alice", "cancel")


def test_a_pause_reaches_a_listening_harness_at_once(hive, harness):
    ask(harness, "control")
    harness.send("control", wait_seconds=60)
    settle()
    api.set_paused(hive.directory, "alice", paused=True)
    reply = harness.reply()
    assert ([command["action"] for command in reply["commands"]], reply["paused"]) == (["pause"], True)


def test_a_poll_whose_client_is_gone_takes_no_command(hive):
    with hive.harness("alice") as gone:
        ask(gone, "control")
        gone.send("control", wait_seconds=60)
        settle()
    settle()
    asked = hive.directory.ask_later("agents/alice/container", Control("cancel"))
    with hive.harness("alice") as there:
        assert [command["action"] for command in ask(there, "control")["commands"]] == ["cancel"]
    assert asked.get(timeout=SECONDS) is None


@pytest.mark.parametrize("cmd", ["start", "kill", "restart", "update"])
def test_the_manager_cannot_act_on_itself_in_either_spelling(hive, manager, cmd):
    for name in ("manager", "hm1nd"):
        assert manager.ask(cmd, name=name)["code"] == "forbidden"
    assert hive.row("manager").running


def test_the_manager_ends_starts_and_reads_others(hive, manager):
    ask(manager, "kill", name="alice")
    assert not hive.row("alice").running
    ask(manager, "start", name="alice")
    assert hive.row("alice").running
    before = hive.runtime.alive["alice"]
    ask(manager, "update", name="alice")
    assert hive.runtime.alive["alice"] != before
    hive.workspace.of("alice").log.write_text("words\n")
    assert ask(manager, "get_logs", agent="alice")["lines"] == ["words"]


def test_an_agent_has_no_verb_of_the_manager_or_of_the_operator(alice):
    for cmd in ("kill", "get_logs", "request_spawn", "approve", "spawn", "answer_question", "inbox"):
        assert alice.ask(cmd, name="bob")["code"] == "unknown_command"


def test_each_is_told_the_verbs_that_its_socket_serves(alice, manager):
    assert ask(alice, "whoami")["verbs"] == sorted(AGENT_VERBS)
    assert ask(manager, "whoami")["verbs"] == sorted(MANAGER_VERBS)
    for client, served in ((alice, AGENT_VERBS), (manager, MANAGER_VERBS)):
        codes = {cmd: client.ask(cmd, nonsense=1)["code"] for cmd in MANAGER_VERBS}
        assert codes == {cmd: "bad_request" if cmd in served else "unknown_command" for cmd in MANAGER_VERBS}


def test_the_socket_is_for_the_daemons_own_user_only(hive):
    path = hive.workspace.of("alice").socket
    assert (path.stat().st_mode & 0o777, path.stat().st_uid) == (0o600, os.geteuid())


def test_the_connection_outlives_a_restart_of_the_roster(hive, alice):
    hive.stop("registry")
    assert ask(alice, "status")["pending"] == 0
    assert alice.ask("whoami")["code"] == "unavailable"
    hive.boot_registry()
    assert ask(alice, "whoami")["name"] == "alice"


def test_a_new_client_is_served_after_the_actors_were_restarted(hive, alice):
    hive.directory.actor("agents/alice/container").kill("a bug")
    hive.directory.wait("agents/alice/container", 5)
    hive.clock.advance(0)
    hive.directory.actor("agents/alice/container").started.get(timeout=SECONDS)
    with Client(hive.workspace.of("alice").socket) as client:
        assert ask(client, "status")["ok"]
