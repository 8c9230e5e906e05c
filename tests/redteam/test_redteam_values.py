"""Values of an agent that pass for good ones and do harm later: refused or mended at the door, shown where they are old.

`stored by an earlier version` puts rows into the tables as a hive without the boundary has left them.
"""

import json
import logging

import pytest

from actors.agent.registry import api as agents
from actors.store import api as store
from actors.supervision import settle
from actors.telemetry.api import TELEMETRY
from harness.wire.limits import MAX_OPEN_QUESTIONS
from tests.actors.whole_hive import WholeHive
from tests.waiting import SECONDS, until
from web.live.sse import frame as sse_frame

pytestmark = pytest.mark.slow

YEAR_ONE = "0001-01-01T00:00:00Z"
MOMENT = "2026-01-01T00:00:00.000Z"
STATS = {"started_at": MOMENT, "ended_at": MOMENT, "duration_ms": 1000, "outcome": "ok", "cold": True}


@pytest.fixture
def hive():
    hive = WholeHive()
    hive.settle_in(["alice", "bob"])
    yield hive
    assert restarts(hive.tree()) == 0
    hive.remove()


@pytest.fixture
def alice(hive):
    with hive.agent("alice") as client:
        yield client


@pytest.fixture
def harness(hive):
    with hive.harness("alice") as client:
        yield client


@pytest.fixture
def host(hive):
    with hive.host() as client:
        yield client


def restarts(node):
    return node["restarts"] + sum(map(restarts, node["children"]))


@pytest.mark.parametrize(
    "odd", [{"since": YEAR_ONE}, {"since": MOMENT, "until": YEAR_ONE}, {"since": "9999-12-31T23:59:59-23:59"}]
)
def test_a_state_of_the_year_one_is_an_unknown_event_and_no_state(harness, alice, host, odd):
    assert harness.ask("publish", events=[{"kind": "state", "state": "thinking", **odd}])["stored"] == 1
    assert host.ask("live_history", agent="alice")["rows"][-1]["known"] is False
    (row,) = [one for one in host.ask("agent_status")["agent_statuses"] if one["name"] == "alice"]
    assert row["state"] == "running"
    assert alice.ask("whoami")["ok"]


@pytest.mark.parametrize(
    "odd",
    [
        b'"duration_ms":1e30',
        b'"duration_ms":1000000000000000000000',
        b'"cost_usd":NaN',
        b'"cost_usd":-1',
        b'"cost_usd":1e999',
        b'"tokens":{"input":-1}',
        b'"ended_at":"0001-01-01T00:00:00Z"',
    ],
)
def test_figures_that_are_none_are_refused_and_falsify_nothing(harness, host, odd):
    harness.sock.sendall(b'{"cmd":"turn_ended","stats":' + json.dumps(STATS).encode()[:-1] + b"," + odd + b"}}\n")
    assert harness.line()["code"] == "bad_request"
    assert host.ask("turns", agent="alice")["turns"] == []


def test_a_turn_that_ends_far_ahead_is_filed_as_now(harness, host):
    assert harness.ask("turn_ended", stats=STATS | {"ended_at": "9999-12-31T23:59:59Z"})["ok"]
    (turn,) = host.ask("turns", agent="alice")["turns"]
    assert turn["stats"]["ended_at"] < "2100"
    assert host.ask("stats", since=MOMENT)["series"]["alice"]["turns"][0][0] < 4e12


@pytest.mark.parametrize("delay", [3e11, 1e18, 1e300])
def test_a_reminder_beyond_all_calendars_is_refused_with_a_hint(alice, host, delay):
    refusal = alice.ask("remind", message="x", delay_seconds=delay)
    assert (refusal["code"], "hundred years" in refusal["hint"]) == ("bad_request", True)
    assert alice.ask("remind", message="x", at=YEAR_ONE)["code"] == "bad_request"
    assert host.ask("reminders")["reminders"] == []
    assert alice.ask("remind", message="x", delay_seconds=100 * 365 * 24 * 3600)["ok"]
    assert alice.ask("loose_ends")["ok"]


def test_half_a_character_breaks_no_list_and_no_stream(hive, alice, harness, host):
    half = "\ud800\x1b[2J"
    with hive.host() as stream:
        assert stream.ask("events")["ok"]
        harness.ask(
            "publish", events=[{"kind": "note", "text": half}, {"kind": "model", "model": half}, {half: [{half: half}]}]
        )
        alice.ask("ask", question=half, options=[half])
        alice.ask("remind", message=half, delay_seconds=60)
        alice.ask("set_status", text=half)
        alice.ask("wake", **{"from": half, "body": half})
        alice.ask("send", to="operator", body=half)
        alice.ask("send", to="operator", body="the last")
        seen = ""
        while "the last" not in seen:
            event = stream.line()
            seen += sse_frame(event["kind"], event["data"], event["seq"]).decode()
    shown = [
        host.ask(cmd, **arguments)
        for cmd, arguments in [
            ("questions", {}),
            ("reminders", {}),
            ("messages", {}),
            ("agent_status", {}),
            ("live_history", {"agent": "alice"}),
        ]
    ]
    assert all(one["ok"] for one in shown)
    assert not set(json.dumps([*shown, seen], ensure_ascii=False)) & set("\ud800\x1b")
    assert shown[0]["questions"][0]["options"] == ["�␛[2J"]


def test_a_question_has_a_size_and_many_of_them_leave_the_list_readable(hive, alice, host):
    assert alice.ask("ask", question="x" * 500_000)["code"] == "too_large"
    for number in range(MAX_OPEN_QUESTIONS):
        assert alice.ask("ask", question=f"{number} " + "x" * 8_000)["ok"]
    assert alice.ask("ask", question="one more")["code"] == "conflict"
    host.sock.close()
    for number in range(MAX_OPEN_QUESTIONS, 150):  # as many agents would have asked
        sql(
            hive,
            "INSERT INTO questions (id, asker, target, question, options, multi, asked_at, status) VALUES (?, 'alice', 'operator', ?, '[]', 0, 1, 'pending')",
            1_000 + number,
            "x" * 8_000,
        )
    hive.close()
    hive.open()
    with hive.host() as operator, hive.agent("alice") as again:
        questions = operator.ask("questions")
        assert (len(questions["questions"]), questions["omitted"]) == (150, 0)
        assert len(again.ask("loose_ends")["questions"]) == 150


def sql(hive, statement, *values, database="hive"):
    store.write(hive.directory, lambda connection: connection.execute(statement, values) and None, database).get(
        timeout=SECONDS
    )


@pytest.fixture
def old(hive):
    """Rows that the earlier version stored."""
    for number, due_at in enumerate((3 * 10**14, 2**62, 4_000_000_000_000), 1):
        sql(
            hive,
            "INSERT INTO reminders (id, agent, message, due_at, created_at) VALUES (?, 'alice', 'old', ?, 1)",
            number,
            due_at,
        )
    for number, (question, options) in enumerate(
        [
            ("q" * 500_000, "[]"),
            ("q" * 500_000, "[]"),
            ("q" * 500_000, "[]"),
            ("half", '["\\ud800"]'),
            ("broken", "no json"),
        ],
        1,
    ):
        sql(
            hive,
            "INSERT INTO questions (id, asker, target, question, options, multi, asked_at, status) VALUES (?, 'alice', 'operator', ?, ?, 0, 1, 'pending')",
            number,
            question,
            options,
        )
    for payload in (
        '{"kind": "note", "text": "\\ud800"}',
        '{"kind": "usage", "context_tokens": NaN}',
        "[" * 900 + "]" * 900,
        "no json",
        '{"kind": "note", "text": "good"}',
    ):
        sql(
            hive,
            "INSERT INTO events (agent, at, kind, known, payload) VALUES ('alice', ?, 'usage', 1, ?)",
            2**62,
            payload,
            database="telemetry",
        )
    for stats in (
        STATS | {"ended_at": YEAR_ONE},
        STATS | {"cost_usd": float("nan")},
        STATS,
        STATS | {"duration_ms": 1e30},
    ):
        sql(
            hive,
            "INSERT INTO turns (agent, ended_at, duration_ms, outcome, stats) VALUES ('alice', ?, 1, 'ok', ?)",
            2**62,
            json.dumps(stats),
            database="telemetry",
        )
    sql(
        hive,
        "INSERT INTO messages (id, sender, recipient, size, body, kind, sent_at) VALUES (900, 'alice', 'operator', 9, 'odd', 'oracle', ?)",
        2**62,
    )
    hive.close()
    hive.open()


@pytest.mark.usefixtures("old")
def test_what_an_earlier_version_stored_is_shown_row_by_row_and_can_be_ended(hive):
    with hive.host() as host, hive.agent("alice") as alice, hive.harness("alice") as harness:
        reminders = host.ask("reminders")["reminders"]
        assert [(row["id"], bool(row["last_error"])) for row in reminders] == [(3, False), (1, True), (2, True)]
        assert len(alice.ask("loose_ends")["reminders"]) == 3
        assert host.ask("cancel_reminder", id=2)["ok"]
        assert alice.ask("cancel", kind="reminder", id=1)["ok"]
        questions = host.ask("questions")
        assert ([row["id"] for row in questions["questions"]], questions["omitted"]) == ([5, 1, 2, 3, 4], 0)
        assert "cannot be read" in questions["questions"][0]["question"]
        assert questions["questions"][1]["question"].endswith("more characters)")
        assert questions["questions"][4]["options"] == ["�"]
        for number in range(1, 5):
            assert host.ask("answer_question", id=number, answer="yes")["ok"], number
        assert host.ask("drop_quarantined", table="questions", key="5")["ok"]
        rows = host.ask("live_history", agent="alice")["rows"]
        assert ["cannot be read" in str(row["event"]) for row in rows] == [True] * 5
        assert host.ask("drop_quarantined", table="events", key="5")["ok"]
        assert len(host.ask("live_history", agent="alice")["rows"]) == 4
        turns = host.ask("turns", agent="alice")["turns"]
        assert [row["error"] is None for row in turns] == [False] * 4
        assert ("messages", "900") in [(row["table"], row["key"]) for row in host.ask("quarantine")["rows"]]
        (row,) = [one for one in host.ask("agent_status")["agent_statuses"] if one["name"] == "alice"]
        assert (row["turns_today"], row["last_turn"]) == (None, None)
        assert harness.ask("turn_ended", stats=STATS)["ok"]
        assert host.ask("stats", since=MOMENT)["ok"]
        assert hive.directory.actor(TELEMETRY) is not None


def connected(hive):
    return hive.node("agents/alice/socket")["state"]


@pytest.mark.parametrize("then", [b"", b'{"cmd":"status"}\n'])
@pytest.mark.parametrize("cmd", ["recv", "control"])
def test_a_client_that_hangs_up_in_a_long_poll_is_forgotten_at_once(hive, caplog, cmd, then):
    with hive.agent("alice") as client:
        client.ask("control")  # the pause is told: from here on a poll waits
        until(lambda: connected(hive) == "1 connected", "the client is there")
        client.sock.sendall(json.dumps({"cmd": cmd, "wait_seconds": 180}).encode() + b"\n" + then)
        settle()
    until(lambda: connected(hive) == "0 connected", "the connection is given up", seconds=15)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_thousand_clients_that_hang_up_leave_nothing_waiting(hive):
    for number in range(1_000):
        with hive.agent("alice") as client:
            client.tell(("recv", "control")[number % 2], wait_seconds=180)
    until(lambda: connected(hive) == "0 connected", "all are given up", seconds=30)
    agents.row(hive.directory, "alice")
    with hive.agent("alice") as client, hive.host() as host:
        assert host.ask("send", to="alice", body="for who is there")["ok"]
        assert [one["body"] for one in client.ask("recv", max=32)["messages"]][-1] == "for who is there"


def test_an_approval_of_another_version_is_a_row_with_the_reason(hive, host):
    sql(
        hive,
        "INSERT INTO approvals (id, agent, kind, status, step, requested_at, requested_by, commit_ref, sha) VALUES (7, 'alice', 'merge', 'pending', 'filed', ?, 'manager', 'a', 'a')",
        2**62,
    )
    (row,) = host.ask("pending")["approvals"]
    assert (row["id"], "cannot be read" in row["note"]) == (7, True)


@pytest.mark.parametrize("piece", ["\x01", "\x1b[2J", "x", "\n", "é"])
def test_a_log_of_any_characters_is_readable(hive, host, piece):
    log = hive.app.agents.workspace.of("alice").log
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("first\n" + piece * (3_000_000 // len(piece.encode())) + "\nlast\n")
    lines = host.ask("journal", name="alice", lines=5_000)["lines"]
    assert lines[-1] == "last"
    with hive.agent("hm1nd") as manager:
        assert manager.ask("get_logs", agent="alice", lines=5_000)["lines"][-1] == "last"
