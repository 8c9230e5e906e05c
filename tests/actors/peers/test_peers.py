"""Peers over real sockets: they join, take part in the mail, live through restarts, and are gone when removed."""

import contextlib
import os
import stat

import gevent
import pytest
from gevent.event import Event

from actors.agent.registry import api as agents
from actors.peers.messages import listener_name
from harness.wire.agent_api import ALL_VERBS, PEER_VERBS
from harness.wire.operator_api import HOST_VERBS
from tests.actors.whole_hive import WholeHive, Wire
from tests.waiting import SECONDS, until


@pytest.fixture(scope="module")
def shared_hive():
    hive = WholeHive()
    yield hive
    hive.remove()


@pytest.fixture
def hive(shared_hive):
    """A hive in which nobody from outside has joined."""
    yield shared_hive
    with shared_hive.host() as operator:
        for peer in operator.ask("peers")["peers"]:
            assert operator.ask("remove_peer", name=peer["name"])["ok"]


def socket_of(hive, name="damocles"):
    return hive.config.run_dir / "peers" / name / "hive.sock"


def joined(hive, name="damocles", **more):
    with hive.host() as operator:
        reply = operator.ask("add_peer", name=name, **more)
        assert reply["ok"], reply
    return Wire(socket_of(hive, name))


def test_the_reply_to_add_peer_holds_all_that_joining_takes(hive):
    with hive.host() as operator:
        reply = operator.ask("add_peer", name="damocles")
        path = str(socket_of(hive))
        assert (reply["name"], reply["socket"]) == ("damocles", path)
        assert reply["snippet"].startswith("claude mcp add hive -- /")
        assert reply["snippet"].endswith(f"/hive-mcp --socket {path}")
        assert reply["mcp"]["mcpServers"]["hive"]["args"] == ["--socket", path]
        status = socket_of(hive).stat()
        assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o600, os.geteuid())
        [row] = operator.ask("peers")["peers"]
        assert (row["name"], row["state"], row["snippet"]) == ("damocles", "listening", reply["snippet"])


def test_a_peer_sends_receives_asks_answers_and_reminds_itself(hive):
    with joined(hive) as peer, hive.agent("hm1nd") as manager, hive.host() as operator:
        me = peer.ask("whoami")
        assert (me["name"], me["role"], me["policy"]) == ("damocles", "peer", {"allowedRecipients": None})
        assert peer.ask("send", to="manager", body="hello from afar")["ok"]
        assert [one["from"] for one in manager.ask("recv", max=32)["messages"]][-1] == "damocles"
        with hive.harness("hm1nd") as harness:
            assert harness.ask("ack_turn")["ok"]

        assert manager.ask("send", to="damocles", body="welcome")["ok"]
        [mail] = peer.ask("recv", wait_seconds=5)["messages"]
        assert (mail["from"], mail["body"]) == ("manager", "welcome")
        assert peer.ask("ack_turn")["acked"] == 1

        asked = peer.ask("ask", question="may I?", options=["yes", "no"])["id"]
        assert operator.ask("answer_question", id=asked, answer="yes")["ok"]
        [answered] = peer.ask("recv", wait_seconds=5)["messages"]
        assert '"answer":"yes"' in answered["body"]

        question = manager.ask("ask", to="damocles", question="are you well?")["id"]
        assert peer.ask("answer", id=question, answer="quite")["ok"]

        assert peer.ask("remind", message="x" * 5000, delay_seconds=0)["ok"]
        until(lambda: any(one["body"] == "x" * 5000 for one in peer.ask("recent")["messages"]))


def test_a_broadcast_reaches_a_peer(hive):
    with joined(hive) as peer, hive.host() as operator:
        assert "damocles" in operator.ask("send", to="*", body="everybody")["recipients"]
        assert peer.ask("recv")["messages"][0]["broadcast"]


def test_a_peers_policy_binds_it(hive):
    with joined(hive, "other"), joined(hive, allowed_recipients=["manager", "operator"]) as peer:
        assert peer.ask("whoami")["policy"] == {"allowedRecipients": ["manager", "operator"]}
        assert peer.ask("send", to="operator", body="x")["ok"]
        for to in ("other", "*"):
            assert peer.ask("send", to=to, body="x")["code"] == "forbidden"
        assert peer.ask("ask", to="other", question="x")["code"] == "forbidden"


def test_a_peer_has_no_verb_of_another_surface(hive):
    with joined(hive) as peer:
        others = {*ALL_VERBS, *HOST_VERBS} - {*PEER_VERBS}
        assert {"approve", "kill", "publish", "spawn"} <= others
        assert {peer.ask(cmd)["code"] for cmd in others} == {"unknown_command"}


def test_a_peer_is_listed_among_the_agents_as_a_peer(hive):
    with joined(hive) as peer, hive.host() as operator:
        peer.ask("set_status", text="at my day job")
        operator.ask("send", to="damocles", body="x")
        row = operator.ask("agent_status")["agent_statuses"][-1]
        shown = {key: row[key] for key in ("name", "role", "running", "state", "pending", "status_text", "container")}
        assert shown == {
            "name": "damocles", "role": "peer", "running": True, "state": "listening", "pending": 1,
            "status_text": "at my day job", "container": None,
        }  # fmt: skip
        assert operator.ask("list")["agents"] == ["manager"]


def test_the_verbs_of_an_agents_life_are_refused_for_a_peer(hive):
    with joined(hive), hive.host() as operator, hive.agent("hm1nd") as manager:
        refused = [operator.ask(cmd, name="damocles") for cmd in ("restart", "kill", "kick", "destroy", "journal")]
        refused += [operator.ask(cmd, scope={"agent_names": ["damocles"]}) for cmd in ("start", "stop")]
        refused.append(operator.ask("set_paused", name="damocles", paused=True))
        refused.append(operator.ask("agent_control", name="damocles", action="cancel"))
        refused += [manager.ask(cmd, name="damocles") for cmd in ("start", "kill", "restart", "update")]
        refused.append(manager.ask("get_logs", agent="damocles"))
        assert {one["code"] for one in refused} == {"forbidden"}
        assert all("damocles is a peer" in one["error"] for one in refused)


def test_a_name_belongs_to_one_party(hive):
    agents.spawn(hive.directory, "alice")
    with joined(hive), hive.host() as operator:
        assert operator.ask("add_peer", name="damocles")["code"] == "conflict"
        assert operator.ask("add_peer", name="alice")["code"] == "conflict"
        assert operator.ask("spawn", name="damocles")["code"] == "conflict"
        assert operator.ask("destroy", name="alice")["ok"]
        assert operator.ask("add_peer", name="alice")["code"] == "conflict", "its kept state is its own"
        for name in ("manager", "operator", "..", "a/b"):
            assert operator.ask("add_peer", name=name)["code"] == "bad_request"


def test_a_removed_peer_has_no_socket_no_connection_and_no_address(hive):
    with joined(hive) as peer, Wire(socket_of(hive)) as waiting, hive.host() as operator:
        waiting.tell("recv", wait_seconds=60)
        operator.ask("send", to="manager", body="before")
        assert operator.ask("remove_peer", name="damocles")["ok"]
        assert not socket_of(hive).parent.exists()
        assert hive.directory.whereis(listener_name("damocles")) is None
        assert peer.line() is None, "hung up"
        assert waiting.line() in (None, {"version": 1, "ok": True, "messages": [], "remaining": 0})
        assert operator.ask("send", to="damocles", body="x")["code"] == "not_found"
        assert operator.ask("remove_peer", name="damocles")["code"] == "not_found"
        assert [row["name"] for row in operator.ask("agent_status")["agent_statuses"]] == ["manager"]


def test_a_client_that_never_stops_asking_is_cut_off_too_and_the_removal_does_not_wait_for_it(hive, monkeypatch):
    monkeypatch.setattr("actors.listener.DRAIN_SECONDS", 3600.0)
    answered = Event()

    def ask_for_ever(peer):
        with contextlib.suppress(OSError):
            while peer.ask("status") is not None:
                answered.set()

    with joined(hive) as peer, hive.host() as operator:
        asking = gevent.spawn(ask_for_ever, peer)
        assert answered.wait(SECONDS)
        assert operator.ask("remove_peer", name="damocles")["ok"]
        asking.join(SECONDS)
        assert asking.dead


def test_the_next_owner_of_a_removed_peers_name_reads_none_of_its_mail(hive):
    with joined(hive) as peer, hive.host() as operator:
        operator.ask("send", to="damocles", body="for your eyes only")
        assert peer.ask("recv")["messages"]
        operator.ask("send", to="damocles", body="and this")
        peer.ask("ask", question="will you answer in time?")
        peer.ask("remind", message="mine", delay_seconds=3600)
        operator.ask("remove_peer", name="damocles")
    with joined(hive) as other, hive.host() as operator:
        assert other.ask("requeue_inflight")["requeued"] == 0
        assert other.ask("status") | {"ok": True} == {"version": 1, "ok": True, "pending": 0, "leased": 0}
        assert other.ask("loose_ends") == {
            "version": 1,
            "ok": True,
            "questions": [],
            "reminders": [],
            "omitted": 0,
            "approvals": None,
        }
        assert operator.ask("questions")["questions"][-1]["status"] == "cancelled"


@pytest.mark.slow
def test_peers_are_there_again_after_a_restart_of_the_daemon(hive):
    with joined(hive, allowed_recipients=["manager"]) as peer, hive.host() as operator:
        operator.ask("send", to="damocles", body="x")
        assert peer.ask("recv")["messages"]
        peer.ask("set_status", text="here")
    hive.close()
    hive.open()
    until(lambda: socket_of(hive).exists())
    with Wire(socket_of(hive)) as peer, hive.host() as operator:
        assert peer.ask("whoami")["policy"] == {"allowedRecipients": ["manager"]}
        assert peer.ask("requeue_inflight")["requeued"] == 1
        assert peer.ask("recv")["messages"][0]["redelivered"]
        assert operator.ask("agent_status")["agent_statuses"][-1]["status_text"] == "here"


def test_a_socket_that_is_killed_is_served_again(hive):
    with joined(hive):
        pass
    first = hive.directory.actor(listener_name("damocles"))
    first.kill("by the test")
    first.ended.wait(SECONDS)
    until(lambda: socket_of(hive).exists() and hive.directory.whereis(listener_name("damocles")) is not None)
    with Wire(socket_of(hive)) as peer:
        assert peer.ask("whoami")["name"] == "damocles"


def test_what_a_peer_sends_is_stored_without_the_values_of_secrets(hive):
    value = "sesame-open-the-door"
    with hive.host() as operator, joined(hive) as peer:
        assert operator.ask("set_secret", name="DOOR", value=value)["ok"]
        assert peer.ask("send", to="operator", body=f"the word is {value}")["ok"]
        assert peer.ask("ask", question=f"is it {value}?")["ok"]
        assert peer.ask("set_status", text=value)["ok"]
        assert operator.ask("inbox")["messages"][-1]["body"] == "the word is [secret:DOOR]"
        assert "is it [secret:DOOR]?" in [one["question"] for one in operator.ask("questions")["questions"]]
        assert operator.ask("delete_secret", name="DOOR")["ok"]
    stored = b"".join(path.read_bytes() for path in (hive.config.state_dir / "db").iterdir())
    assert value.encode() not in stored


def test_a_file_in_the_way_of_a_socket_fails_that_peer_alone(hive):
    for name in ("damocles", "other"):
        joined(hive, name).sock.close()
    hive.close()
    socket_of(hive).parent.mkdir(exist_ok=True)
    socket_of(hive).write_text("in the way")
    hive.open()
    until(lambda: socket_of(hive, "other").exists())
    with hive.host() as operator, Wire(socket_of(hive, "other")) as other:
        assert other.ask("whoami")["name"] == "other"
        row = next(one for one in operator.ask("agent_status")["agent_statuses"] if one["name"] == "damocles")
        assert (row["failed"], row["running"], row["state"]) == (True, False, "failed")
        assert "is no socket" in row["note"]
    socket_of(hive).unlink()


def test_the_web_socket_adds_and_removes_no_peer(hive):
    with Wire(hive.config.run_dir / "web.sock") as web:
        assert web.ask("add_peer", name="damocles")["code"] == "unknown_command"
        assert web.ask("remove_peer", name="damocles")["code"] == "unknown_command"
        assert web.ask("peers")["peers"] == []
