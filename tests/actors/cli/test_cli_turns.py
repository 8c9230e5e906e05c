"""`hive turns`: the live events of an agent as text; `hive decisions`: the log of what was decided."""

import json
import threading
from pathlib import Path
from typing import get_args

import click
import pytest

from actors.cli import turn_text
from actors.cli.output import clock
from actors.cli.turn_text import RESULT_LINES, as_text
from harness.wire.events import LiveEvent
from harness.wire.operator_api import DecisionsReply
from harness.wire.operator_api.watching import LogReply
from harness.wire.operator_rows import TurnRow
from tests.actors.cli.test_cli_streams import when_subscribed
from tests.waiting import SECONDS

AT = "2026-01-02T03:04:05.000Z"


def record(number: int, event: object) -> dict:
    return {"agent": "alice", "id": number, "at": AT, "event": event, "known": True}


def stream(message: dict) -> dict:
    return {"kind": "stream", "message": message}


def assistant(*blocks: dict) -> dict:
    return stream({"type": "assistant", "message": {"content": list(blocks)}})


TURN_END = {"kind": "turn_end", "ok": True, "outcome": "ok"}
LINES = [
    ({"kind": "turn_start", "from": "bob", "body": "do\nit", "unread": 2, "message_ids": [1]}, ["→ woken by bob (+2 queued)", "do", "it"]),
    (assistant({"type": "text", "text": "I will"}), ["· I will"]),
    (assistant({"type": "tool_use", "name": "Bash", "input": {"command": "ls"}}), ['◆ Bash {"command": "ls"}']),
    (stream({"type": "user", "message": {"content": [{"type": "tool_result", "content": "a\nb"}]}}), ["← a", "b"]),
    (stream({"type": "user", "message": {"content": [{"type": "tool_result", "content": "no", "is_error": True}]}}), ["✗ no"]),
    (stream({"type": "result", "duration_ms": 1500, "total_cost_usd": 0.25}), ["⌁ 1.5 s  $0.2500 in this session"]),
    (stream({"type": "result", "is_error": True, "result": "400"}), ["✗ 400"]),
    (TURN_END, ["✓ turn ok"]),
    ({"kind": "turn_end", "ok": False, "outcome": "prompt_too_long", "note": "why"}, ["✗ turn prompt too long", "why"]),
    ({"kind": "note", "class": "stderr", "text": "oops"}, ["! oops"]),
    ({"kind": "model", "model": "haiku"}, ["⌁ model is now haiku"]),
    ({"kind": "mcp_servers", "servers": [{"name": "files", "status": "connected", "tools": 3}, {"name": "x", "status": "failed", "error": "gone"}]},
     ["⌁ MCP server files is connected, 3 tools", f"{clock(AT)} ⌁ MCP server x is failed: gone"]),
    ({"kind": "checked", "sha": "ab" * 20, "reason": "no such model"}, ["⌁ configuration abababababab does not work", "no such model"]),
    ({"kind": "login", "state": "failed", "reason": "the code is wrong", "url": None}, ["⌁ login failed: the code is wrong"]),
    ({"kind": "left_running", "count": 2, "processes": [{"command": "sleep 9", "started_at": AT}]}, ["⌁ left running: 2 processes", "sleep 9"]),
    ({"kind": "credentials", "source": "hive", "expires_at": None}, ["⌁ credentials: hive"]),
    ({"kind": "of a later version"}, ['! {"kind": "of a later version"}']),
    ("no event", ['! "no event"']),
]  # fmt: skip


@pytest.mark.parametrize(("event", "lines"), LINES)
def test_every_event_is_its_sign_and_its_text(event, lines):
    first, *others = click.unstyle(as_text(record(1, event))).splitlines()
    assert [first.removeprefix(f"{clock(AT)} "), *(line.strip() for line in others)] == lines


@pytest.mark.parametrize(
    "event",
    [{"kind": "usage"}, {"kind": "state", "state": "thinking"}, stream({"type": "stream_event"}), stream({"type": "tool_progress", "heartbeat": True}), stream({"type": "system", "subtype": "init"})],
)  # fmt: skip
def test_an_event_without_content_has_no_line(event):
    assert as_text(record(1, event)) == ""


def test_every_kind_of_event_is_known():
    tags = [get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(LiveEvent)[0])]
    assert [kind for kind in tags if f'"{kind}"' not in Path(turn_text.__file__).read_text()] == []


@pytest.mark.parametrize(
    "event",
    [
        stream({"type": "result", "duration_ms": "long"}),
        stream({"type": "result", "duration_ms": 1, "total_cost_usd": "free"}),
        {"kind": "mcp_servers", "servers": ["files"]},
        {"kind": "turn_start", "unread": "many"},
        {"kind": "state", "state": "rate_limited", "until": "tomorrow"},
    ],
)
def test_an_event_of_the_wrong_shape_is_shown_as_it_came(event):
    assert f"! {json.dumps(event)}" in click.unstyle(as_text(record(1, event)))


def test_a_long_result_says_how_much_is_left_out():
    long = "\n".join(f"line {number}" for number in range(100))
    found = as_text(
        record(1, stream({"type": "user", "message": {"content": [{"type": "tool_result", "content": long}]}}))
    )
    assert found.splitlines()[-1].strip() == f"… {99 - RESULT_LINES} more lines"


def test_nothing_in_an_event_is_obeyed_by_the_terminal():
    hostile = "a\x1b]0;title\x07b\x1b[5m\u202ec"
    for event in (assistant({"type": "text", "text": hostile}), {"kind": hostile}, TURN_END | {"note": hostile}):
        shown = as_text(record(1, event))
        assert not set(shown) & {"\x07", "\u202e"}
        assert not [one for one in ("\x1b[5m", "\x1b]0") if one in shown]


def test_followed_turns_come_without_a_gap_and_without_a_double(daemon, hive):
    past_read = threading.Event()

    def past(frame):
        daemon.emit("live", record(2, TURN_END))
        past_read.set()
        return LogReply(rows=[record(1, TURN_END), record(2, TURN_END)])

    def more():
        past_read.wait(SECONDS)
        daemon.emit("live", record(3, TURN_END) | {"agent": "bob"})
        daemon.emit("live", record(4, TURN_END))

    daemon.answers["live_history"] = past
    with when_subscribed(daemon, more):
        result = hive("turns", "alice", "--follow", "--json")
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [1, 2, 4]


STATS = {
    "started_at": AT, "ended_at": AT, "duration_ms": 1500, "outcome": "prompt_too_long", "cold": False,
    "wake_from": "bob", "tokens": {"input": 1000, "output": 234}, "cost_usd": 0.25,
}  # fmt: skip


def ended(number: int, first: int, last: int) -> TurnRow:
    return TurnRow(id=number, agent="alice", stats=STATS, first_event=first, last_event=last)


def test_before_the_events_of_a_turn_stands_what_it_took_and_cost(daemon, hive):
    rows = [record(7, TURN_END), record(9, LINES[0][0])]
    daemon.answers["live_history"] = LogReply(rows=rows, turns=[ended(1, 2, 2), ended(2, 5, 7), ended(2, 5, 7)])
    shown = hive("turns", "alice").stdout.splitlines()
    assert [line.split(" ")[2] for line in shown if line.startswith("2026")] == ["═", "═", "✓", "→"]
    assert shown[0].endswith("═ turn woken by bob  1.5 s  1,234 tokens  $0.2500  prompt too long")
    kinds = [one["event"]["kind"] for one in json.loads(hive("turns", "alice", "--json").stdout)]
    assert kinds == ["turn", "turn", "turn_end", "turn_start"]


def test_turns_begin_at_a_moment_and_go_on_to_the_count(daemon, hive):
    def answer(frame):
        first = frame["after"] + 1 if "after" in frame else 5
        return LogReply(rows=[record(first, TURN_END)], newer=first if first < 9 else None)

    daemon.answers["live_history"] = answer
    result = hive("turns", "alice", "--at", "2026-01-02", "--only", "errors", "-n", "3", "--json")
    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    assert [one["id"] for one in shown] == [5, 6, 7]
    assert daemon.requests[0]["at"] == "2026-01-02T00:00:00.000Z"
    assert {frame["only"] for frame in daemon.requests} == {"errors"}
    assert "a moment is a day" in hive("turns", "alice", "--at", "yesterday").stderr


def test_an_agent_without_turns_says_so(daemon, hive):
    daemon.answers["live_history"] = LogReply(rows=[])
    assert hive("turns", "alice").stdout == "alice has had no turn yet.\n"


def decision(number: int, **more) -> dict:
    return {
        "id": number, "at": AT, "approval_id": 7, "agent": "alice", "kind": "apply_commit", "verdict": "approved",
        "sha": "ab" * 20, "decided_by": "operator (uid 0)", "note": None, "hash": "x",
    } | more  # fmt: skip


def test_decisions_show_who_decided_what(daemon, hive):
    daemon.answers["decisions"] = DecisionsReply(decisions=[decision(1)], broken_at=None, reason=None)
    result = hive("decisions")
    assert result.exit_code == 0
    assert "#7" in result.stdout
    assert "operator (uid 0)" in result.stdout


def test_a_log_of_decisions_that_was_changed_is_an_error(daemon, hive):
    daemon.answers["decisions"] = DecisionsReply(decisions=[decision(1)], broken_at=1, reason="its hash differs")
    result = hive("decisions")
    assert result.exit_code == 1
    assert "row 1 is not what was written: its hash differs" in result.stderr
