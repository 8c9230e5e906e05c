"""The operator surface over real sockets: foreign clients' exact bytes, streams, and what each socket may."""

import pytest

from actors.events import Emit, emit
from actors.gateway.stream import QUEUE_EVENTS, RING_BYTES, RING_EVENTS, StreamActor, Subscribe
from actors.supervision import FakeClock
from harness.wire.operator_api import HOST_VERBS, WEB_VERBS
from tests.actors.whole_hive import WholeHive, Wire
from tests.waiting import until


@pytest.fixture(scope="module")
def shared_hive():
    hive = WholeHive()
    yield hive
    hive.remove()


@pytest.fixture
def hive(shared_hive):
    return shared_hive


@pytest.fixture
def operator(hive):
    with hive.host() as client:
        yield client


def test_the_bytes_of_a_foreign_client_are_understood(hive, operator):
    for line in (
        b'{"cmd":"list"}\n',
        b'{"cmd":"agent_status"}\n',
        b'{"cmd":"set_paused","name":"hm1nd","paused":true}\n',
        b'{"cmd":"set_paused","name":"hm1nd","paused":false}\n',
        b'{"cmd":"start","scope":{"agent_names":["hm1nd"]}}\n',
        b'{"cmd":"restart","name":"hm1nd"}\n',
        b'{"cmd":"urls"}\n',
    ):
        operator.sock.sendall(line)
        assert operator.line()["ok"], line
    until(lambda: operator.ask("agent_status")["agent_statuses"][0]["running"])


def test_an_empty_scope_is_refused_and_does_not_mean_everything(operator):
    assert operator.ask("stop", scope={"agent_names": []})["code"] == "bad_request"
    assert operator.ask("agent_status")["agent_statuses"][0]["running"]


def test_the_manager_can_be_addressed_in_both_spellings(operator):
    assert operator.ask("send", to="hm1nd", body="x")["ok"]
    assert [one["to"] for one in operator.ask("messages")["messages"]][-1] == "manager"


def test_a_status_subscription_says_ok_and_then_one_row_per_change(hive, operator):
    with hive.host() as other:
        other.tell("subscribe_agent_status")
        assert other.line() == {"version": 1, "ok": True}
        operator.ask("set_paused", name="manager", paused=True)
        line = other.until(lambda line: line["agent_statuses"][0]["paused"])
        assert [row["name"] for row in line["agent_statuses"]] == ["manager"]
        operator.ask("set_paused", name="manager", paused=False)


def test_a_stream_resumes_without_gap_or_double(hive, operator):
    with hive.host() as first:
        first.tell("events")
        epoch = first.line()["epoch"]
        operator.ask("send", to="manager", body="one")
        seen = first.until(lambda line: line["kind"] == "message" and line["data"]["body"] == "one")
    operator.ask("send", to="manager", body="two")
    with hive.host() as again:
        again.tell("events", since_seq=seen["seq"])
        head = again.line()
        assert (head["seq"], head["epoch"]) == (seen["seq"], epoch)
        following = [again.line()]
        while following[-1]["kind"] != "message":
            following.append(again.line())
        assert [line["seq"] for line in following] == list(range(seen["seq"] + 1, seen["seq"] + 1 + len(following)))
        assert following[-1]["data"]["body"] == "two"


def test_a_stream_that_cannot_be_resumed_starts_from_now(hive, operator):
    with hive.host() as client:
        client.tell("events", since_seq=2**62)
        assert client.line()["seq"] < 2**62


def test_the_web_socket_has_no_way_round_the_approval_queue(hive):
    with Wire(hive.config.run_dir / "web.sock") as web:
        assert web.ask("spawn", name="eve")["code"] == "unknown_command"
        assert web.ask("agent_status")["ok"]
        for cmd in HOST_VERBS.keys() - WEB_VERBS.keys():
            assert web.ask(cmd)["code"] == "unknown_command", cmd
    assert WEB_VERBS.keys() < HOST_VERBS.keys()


@pytest.mark.parametrize("name", ["..", "a/b", "-x", "x" * 300, "", "X", "a\u0000b", "a-", "self/", "é"])
@pytest.mark.parametrize("cmd", ["spawn", "restart", "destroy", "kick", "journal"])
def test_no_verb_takes_a_name_that_is_none(operator, cmd, name):
    assert operator.ask(cmd, name=name)["code"] == "bad_request"


@pytest.mark.parametrize("name", ["operator", "manager", "hm1nd", "system", "reminder", "self"])
def test_reserved_names_cannot_be_spawned(operator, name):
    assert operator.ask("spawn", name=name)["code"] == "bad_request"


def test_an_agent_nobody_knows_is_not_found_everywhere(operator):
    for cmd in ("restart", "kill", "kick", "destroy", "journal"):
        assert operator.ask(cmd, name="nobody")["code"] == "not_found", cmd
    assert operator.ask("start", scope={"agent_names": ["nobody"]})["code"] == "not_found"


NOTHING_OF = (
    ("live_history", "agent"),
    ("turns", "agent"),
    ("messages", "party"),
    ("inbox", "sender"),
    ("kept_requests", "name"),
)


@pytest.mark.parametrize(("cmd", "key"), NOTHING_OF)
def test_nothing_of_a_name_that_nobody_has_is_no_empty_list(operator, cmd, key):
    refused = operator.ask(cmd, **{key: "nobody"})
    assert (refused["code"], bool(refused["hint"])) == ("not_found", True)


@pytest.mark.parametrize(("cmd", "key"), NOTHING_OF)
@pytest.mark.parametrize("name", ["manager", "kept"])
def test_nothing_of_an_agent_that_exists_or_is_kept_is_an_empty_list(hive, operator, cmd, key, name):
    kept = hive.config.state_dir / "applied" / "kept"
    if not kept.exists():
        operator.ask("spawn", name="kept")
        operator.ask("destroy", name="kept")
    assert kept.is_dir()
    assert operator.ask(cmd, **{key: name})["ok"]


@pytest.mark.parametrize(
    ("cmd", "key"),
    [("answer_question", "id"), ("cancel_question", "id"), ("cancel_reminder", "id"), ("retry_reminder", "id")],
)
def test_a_number_that_nothing_has_is_refused_with_the_command_that_lists_the_numbers(operator, cmd, key):
    answer = {"answer": "x"} if cmd == "answer_question" else {}
    refused = operator.ask(cmd, **{key: 9999}, **answer)
    assert refused["code"] == "not_found"
    assert "`hive " in refused["hint"]


@pytest.mark.parametrize("cmd", ["start", "stop"])
def test_one_unknown_name_keeps_the_command_from_every_agent(operator, cmd):
    before = operator.ask("agent_status")["agent_statuses"][0]
    refused = operator.ask(cmd, scope={"agent_names": ["manager", "nosuch", "noone"]})
    assert (refused["code"], refused["error"]) == ("not_found", "there is no agent 'nosuch', 'noone'")
    assert refused["hint"].startswith(f"nothing was {'started' if cmd == 'start' else 'stopped'}")
    assert operator.ask("agent_status")["agent_statuses"][0]["since"] == before["since"]


def test_the_manager_is_not_destroyed(operator):
    assert operator.ask("destroy", name="manager")["code"] == "forbidden"


def test_a_state_file_is_shown_to_the_operator_and_nothing_beside_the_state(hive, operator):
    notes = hive.config.state_dir / "agents/hm1nd/state/notes.md"
    notes.write_text("bread, milk")
    notes.chmod(0o644)
    assert operator.ask("state_file", agent="manager", rel_path="notes.md")["text"] == "bread, milk"
    for path, code in (("../config/agent.toml", "bad_request"), ("/etc/passwd", "bad_request"), ("x", "not_found")):
        assert operator.ask("state_file", agent="hm1nd", rel_path=path)["code"] == code, path


def test_the_reminders_come_with_what_was_delivered_lately(hive, operator):
    assert operator.ask("reminders")["delivered"] == {}
    with hive.agent("hm1nd") as manager:
        manager.ask("remind", message="now", delay_seconds=0)
    until(lambda: operator.ask("reminders")["delivered"] == {"manager": {"count": 1, "attempts": 1}})


def test_a_listener_that_falls_behind_is_cut_off_and_the_others_are_not():
    stream = StreamActor(clock=FakeClock())
    slow, quick = stream.handle(Subscribe(None)), stream.handle(Subscribe(None))
    got = 0
    for _ in range(QUEUE_EVENTS + 10):
        stream.handle(Emit((("notice", {}),)))
        next(quick)
        got += 1
    assert slow.closed
    assert not quick.closed
    assert len(list(slow)) <= QUEUE_EVENTS
    assert got == QUEUE_EVENTS + 10


def test_the_ring_is_bounded_and_an_old_place_in_it_is_a_gap():
    stream = StreamActor(clock=FakeClock())
    for _ in range(RING_EVENTS + 5):
        stream.handle(Emit((("notice", {}),)))
    assert stream.handle(Subscribe(4)).seq == RING_EVENTS + 5
    assert stream.handle(Subscribe(5)).seq == 5


def test_long_bodies_shorten_the_ring_and_the_queue_of_one_who_does_not_read():
    stream = StreamActor(clock=FakeClock())
    slow = stream.handle(Subscribe(None))
    for _ in range(1000):
        stream.handle(Emit((("message", {"body": "x" * 65_536}),)))
    assert stream._ring_bytes <= RING_BYTES
    assert len(stream._ring) < 300
    assert slow.closed


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        {"event": {"kind": "stream", "message": {"text": "x" * 250_000}}},
        {"question": "x" * 250_000},
        {"event": {"n": [{}] * 4_000}},
    ],
)
def test_long_events_of_any_kind_shorten_the_ring_and_the_queue_of_one_who_does_not_read(data):
    stream = StreamActor(clock=FakeClock())
    slow = stream.handle(Subscribe(None))
    for _ in range(300):
        stream.handle(Emit((("live", data),)))
    assert stream._ring_bytes <= RING_BYTES
    assert len(stream._ring) < 100
    assert slow.closed


def test_an_event_that_no_frame_can_carry_is_told_of_and_the_stream_goes_on(hive):
    with hive.host() as listening:
        first = listening.ask("events")["seq"]
        emit(hive.directory, "question", {"question": "x" * 2_000_000})
        emit(hive.directory, "notice", {"level": "info", "text": "the last"})
        lines = [listening.until(lambda line: line["kind"] == "notice") for _ in range(2)]
        assert "kind question cannot be shown" in lines[0]["data"]["text"]
        assert lines[1]["data"]["text"] == "the last"
        assert lines[1]["seq"] == lines[0]["seq"] + 1 > first
