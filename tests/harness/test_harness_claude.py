"""Claude Code as the harness starts and reads it: frames, results, permission rules, the saved session."""

import json

import pytest

from harness.claude.frames import for_display, rate_limit_wait_ms
from harness.claude.outcome import turn_result
from harness.claude.permissions import permissions
from harness.claude.session_file import SessionFile
from harness.claude.tally import Tally, context_tokens
from harness.wire.agent_config import AgentConfig
from harness.wire.events import TurnOutcome
from tests.harness.outside import FileStorage

OK, FAILED, LONG, LIMITED = (
    TurnOutcome.OK, TurnOutcome.FAILED, TurnOutcome.PROMPT_TOO_LONG, TurnOutcome.RATE_LIMITED,
)  # fmt: skip

RESULT = {"type": "result", "usage": {"input_tokens": 900, "output_tokens": 5}, "total_cost_usd": 0.5, "session_id": "s",
          "modelUsage": {"haiku": {"contextWindow": 200_000}}}  # fmt: skip
ANSWER = {"type": "assistant", "message": {"model": "haiku", "usage": {"input_tokens": 10, "cache_read_input_tokens": 90},
          "content": [{"type": "tool_use", "name": "Bash"}]}}  # fmt: skip


def tally(*frames):
    one = Tally()
    for frame in frames:
        one.add(frame)
    return one


def test_the_context_is_the_last_answers_usage_and_never_the_sum_of_the_result():
    one = tally(ANSWER, RESULT)
    assert one.context_tokens == 100
    assert one.tokens == {"input": 900, "output": 5, "cache_read": 0, "cache_creation": 0}
    assert (one.window, one.total_cost_usd, one.session_id, dict(one.tools)) == (200_000, 0.5, "s", {"Bash": 1})
    assert context_tokens({}) is None


def test_answers_of_subagents_and_synthetic_errors_are_no_context():
    inner = {**ANSWER, "parent_tool_use_id": "x"}
    error = {
        "type": "assistant",
        "error": "rate_limit",
        "message": {"model": "<synthetic>", "usage": {"input_tokens": 0}},
    }
    one = tally(inner, error)
    assert (one.context_tokens, one.model, one.api_error) == (None, None, "rate_limit")


@pytest.mark.parametrize(
    ("result", "error", "outcome", "login_lost"),
    [
        ({"is_error": False}, None, OK, False),
        (
            {"is_error": True, "terminal_reason": "prompt_too_long", "result": "Prompt is too long"},
            None,
            LONG,
            False,
        ),
        ({"is_error": True, "api_error_status": 429}, None, LIMITED, False),
        ({"is_error": True}, "rate_limit", LIMITED, False),
        ({"is_error": True, "api_error_status": 500, "result": "Error 500"}, "server_error", FAILED, False),
        ({"is_error": True, "api_error_status": 401}, "authentication_failed", FAILED, True),
        ({"is_error": False, "result": "we talked about 429 and rate_limit"}, None, OK, False),
    ],
)
def test_how_a_turn_ended_is_read_from_structured_fields_and_never_from_text(result, error, outcome, login_lost):
    one = tally({"type": "result", **result})
    one.api_error = error
    ended = turn_result(one, cancelled=False, stderr=["a line of stderr"], exit_status=None)
    assert (ended.outcome, ended.login_lost) == (outcome, login_lost)


def test_a_claude_that_ends_in_the_turn_is_a_failure_with_its_status_and_stderr():
    ended = turn_result(tally(ANSWER), cancelled=False, stderr=["out of memory"], exit_status=137)
    assert ended.reason == "claude ended in the middle of the turn with status 137\nout of memory"


def test_a_reset_time_is_taken_from_the_rejection_only():
    event = {"type": "rate_limit_event", "rate_limit_info": {"status": "allowed", "resetsAt": 5}}
    assert tally(event).resets_at_ms is None
    event["rate_limit_info"]["status"] = "rejected"
    assert tally(event).resets_at_ms == 5000


def test_the_clis_own_waits_for_a_limit_are_recognised():
    retry = {"type": "system", "subtype": "api_retry", "error": "rate_limit", "retry_delay_ms": 1053.7}
    assert rate_limit_wait_ms(retry) == 1053
    assert rate_limit_wait_ms({**retry, "error": "server_error"}) is None


def test_a_frame_of_any_depth_can_be_displayed():
    deep = "x"
    for _ in range(900):
        deep = {"k": deep}
    assert json.dumps(for_display({"type": "assistant", "message": deep})).count("{") < 70


def test_images_for_display_are_whole_or_gone():
    def image(size):
        return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "x" * size}}

    shown = for_display({"message": {"content": [image(100_000), image(100_000), image(10)]}})
    assert [len(one["source"]["data"]) for one in shown["message"]["content"]] == [100_000, 0, 0]
    assert len(json.dumps(for_display({"content": [image(10_000_000)]}))) < 200


def test_frames_for_display_are_cut_and_the_banner_is_reduced():
    banner = {"type": "system", "subtype": "init", "model": "haiku", "slash_commands": ["x"] * 50}
    assert for_display(banner) == {"type": "system", "subtype": "init", "model": "haiku"}
    long = for_display({"a": [{"b": "x" * 9_000}], "c": 1})
    assert long["a"][0]["b"] == "x" * 8_000 + "… (1000 more characters)"
    assert long["c"] == 1


def config(**fields):
    return AgentConfig.model_validate(fields)


@pytest.mark.parametrize(
    ("fields", "tools", "allow"),
    [
        ({}, "Bash Edit Glob Grep Read Write", "Edit Glob Grep Read Write Bash mcp__hive__send"),
        ({"allowedTools": ["Read", "Bash"]}, "Bash Read", "Read Bash mcp__hive__send"),
        ({"allowedTools": ["Read", "WebFetch", "NotebookEdit"]}, "Read WebFetch", "Read WebFetch mcp__hive__send"),
        ({"allowedTools": ["WebSearch", "Task"]}, "Task WebSearch", "Task WebSearch mcp__hive__send"),
        ({"allowedTools": []}, "", "mcp__hive__send"),
        ({"allowedTools": ["Read"], "allowedBashPatterns": ["Bash(ls)"]}, "Read", "Read mcp__hive__send"),
        ({"allowedTools": ["Bash"], "allowedBashPatterns": []}, "Bash", "mcp__hive__send"),
        ({"allowedTools": ["Bash"], "allowedBashPatterns": ["Bash(ls)", "Bash", "Read", "Bash(a),Bash(b)"]},
         "Bash", "Bash(ls) mcp__hive__send"),
        ({"allowedTools": [], "extraMcpServers": {"db": {"command": "x"}}}, "", "mcp__hive__send mcp__db"),
        ({"allowedTools": [], "extraMcpServers": {"db": {"command": "x", "allowedTools": ["get", "a,b"]}}},
         "", "mcp__hive__send mcp__db__get"),
    ],
)  # fmt: skip
def test_rules_come_from_the_configuration_and_invalid_entries_are_ignored(fields, tools, allow):
    rules = permissions(config(**fields), ["send"])
    assert rules.tools == tuple(tools.split())
    assert rules.allow == tuple(allow.split())
    assert not set(rules.deny) & set(rules.tools)
    assert set(rules.deny) >= {"TodoWrite", "NotebookEdit"}
    assert ("WebFetch" in rules.tools) is not ("WebFetch" in rules.deny)
    assert ("Task" in rules.tools) is not ("Agent" in rules.deny), "another name of one tool"


def test_the_hives_key_cannot_be_taken():
    with pytest.raises(ValueError, match="hive"):
        config(extraMcpServers={"hive": {"command": "false"}})


def test_a_session_file_is_kept_whole_and_a_broken_one_counts_as_empty(tmp_path):
    path = tmp_path / "session.json"
    SessionFile(FileStorage(path)).save(session_id="s", model="opus")
    assert SessionFile(FileStorage(path)).saved.model_dump() == {"session_id": "s", "model": "opus"}
    path.write_text('{"session_id": ')
    assert SessionFile(FileStorage(path)).saved.session_id is None
