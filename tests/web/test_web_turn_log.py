"""The rows of the turn log, and the tool calls in them."""

import pytest

from tests.web import sample_rows
from web.presentation import tool_calls, turn_log

AT = "2026-11-20T06:00:00.000Z"


def logged(*events):
    return turn_log.rows({"id": n, "at": AT, "event": event} for n, event in enumerate(events, 1))


@pytest.mark.parametrize(
    ("event", "glyph", "words"),
    [
        (
            {"kind": "turn_start", "from": "manager", "body": "do it", "unread": 2, "message_ids": [1]},
            "→",
            "from manager  (+2 queued)",
        ),
        (sample_rows.call("Bash", command="ls -la\nrm x"), "◆", "$ ls -la"),
        (sample_rows.call("Read", file_path="/a/b", offset=3, limit=4), "◆", "/a/b:3-7"),
        (sample_rows.call("Write", file_path="/a/b", content="x\ny"), "◆", "/a/b  2 lines"),
        (sample_rows.call("mcp__hive__send", to="bob", body="hi"), "◆", "→ bob: hi"),
        (sample_rows.call("mcp__other__do", x=1), "◆", "x=1"),
        (sample_rows.result("fine"), "←", "fine"),
        (sample_rows.result("no", failed=True), "✗", "no"),
        ({"kind": "note", "class": "stderr", "text": "ouch"}, "!", "ouch"),
        ({"kind": "note", "class": "operator", "text": "cancelled"}, "⌁", "cancelled"),
        ({"kind": "turn_end", "ok": True, "outcome": "ok"}, "✓", "turn ok"),
        (
            {"kind": "turn_end", "ok": False, "outcome": "rate_limited", "note": "later"},
            "✗",
            "turn rate limited  later",
        ),
        ({"kind": "state", "state": "rate_limited", "until": AT}, "⌁", "rate limited until 06:00 UTC"),
        ({"kind": "model", "model": "opus"}, "⌁", "model is now opus"),
        ({"kind": "stream", "message": {"type": "hologram"}}, "!", '{"type": "hologram"}'),
        ({"kind": "stream", "message": "text"}, "!", '{"kind": "stream", "message": "text"}'),
        (
            {"kind": "stream", "message": {"type": "assistant", "message": {"content": [{"type": "smell"}]}}},
            "!",
            '{"type": "smell"}',
        ),
        ({"kind": "unheard of"}, "!", '{"kind": "unheard of"}'),
        (None, "!", f'{{"id": 1, "at": "{AT}", "event": null}}'),
    ],
)
def test_each_kind_of_event_has_its_glyph_and_meaning(event, glyph, words):
    (row,) = logged(event)
    assert (row.glyph, row.summary) == (glyph, words)


@pytest.mark.parametrize("message", [{"type": "system", "subtype": "init"}, {"type": "stream_event"}])
def test_an_event_without_content_has_no_row(message):
    assert logged({"kind": "stream", "message": message}, {"kind": "usage"}, {"kind": "state", "state": "idle"}) == []


def test_a_long_result_is_folded_and_a_very_long_one_is_cut():
    (row,) = logged(sample_rows.result("\n".join(f"line {n}" for n in range(500))))
    assert row.summary == "line 0  (500 lines, 4 KiB)"
    assert (len(row.body), row.more) == (turn_log.BODY_LINES, 500 - turn_log.BODY_LINES)
    assert not row.open


def test_an_event_alone_shows_all_that_is_kept_of_it():
    lines = "\n".join(f"line {n}" for n in range(500))
    events = [sample_rows.result(lines), sample_rows.call("Bash", command=lines)]
    records = [{"id": n, "at": AT, "event": event} for n, event in enumerate(events, 1)]
    assert [(len(row.body), row.more) for row in turn_log.rows(records, whole=True)] == [(500, 0), (500, 0)]
    assert [row.more for row in turn_log.rows(records)] == [500 - turn_log.BODY_LINES, 500 - turn_log.CALL_LINES]


def test_a_long_text_says_how_long_it_is():
    (row,) = logged(sample_rows.result("x" * 3000))
    assert row.summary.endswith("…  (3 KiB)")


def test_a_small_edit_is_open_and_shows_its_diff():
    (row,) = logged(sample_rows.call("Edit", file_path="f", old_string="a\nb\nc", new_string="a\nB\nc"))
    assert row.open
    assert [(line.mark, line.text) for line in row.body if line.mark in "+-" and line.mark] == [("-", "b"), ("+", "B")]
    (long,) = logged(sample_rows.call("Edit", file_path="f", old_string="", new_string="x\n" * 500))
    assert (len(long.body), long.more) == (turn_log.CALL_LINES, 500 - turn_log.CALL_LINES)


@pytest.mark.parametrize(
    "arguments", [{"file_path": None}, {"edits": "x"}, {"todos": [1]}, {"offset": 3}, {"command": ["x"]}]
)
@pytest.mark.parametrize(
    "tool",
    ["Bash", "Read", "Edit", "MultiEdit", "Write", "Grep", "TodoWrite", "Task", "mcp__hive__ask", "mcp__hive__x", "?"],
)
def test_a_call_with_odd_arguments_is_still_shown(tool, arguments):
    assert tool_calls.describe(tool, arguments).tool


def test_the_turn_log_tells_how_the_servers_are_and_whether_a_configuration_works():
    failed = {"name": "db", "status": "failed", "error": "ENOENT"}
    events = [
        {"kind": "mcp_servers", "servers": [{"name": "files", "status": "connected", "tools": 3}, failed]},
        {"kind": "checked", "sha": "5" * 40, "reason": "the MCP server db is not connected"},
        {"kind": "checked", "sha": "6" * 40, "reason": None},
    ]
    found = logged(*events)
    assert [row.summary for row in found] == [
        "MCP servers: files connected, db failed  db: ENOENT",
        "this configuration does not work  the MCP server db is not connected",
        "this configuration works",
    ]
