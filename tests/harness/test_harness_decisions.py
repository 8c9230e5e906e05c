"""The pure parts: what follows a turn, how frames add up, which tools run unasked."""

import pytest

from harness.frames import Tally, context_of, ending_of, limit_pause_ms, shown
from harness.permissions import DENIED, permissions
from harness.turn import (
    LONG_PAUSE_SECONDS,
    PATIENCE,
    REFUSALS,
    Ending,
    Patience,
    Plan,
    Step,
    after,
    is_nearly_full,
    park_seconds,
    reconnect_pause,
)
from harness.wire.agent_config import AgentConfig
from harness.wire.events import TurnOutcome

OK, FAILED, LONG, LIMITED, CANCELLED = (
    TurnOutcome.OK, TurnOutcome.FAILED, TurnOutcome.PROMPT_TOO_LONG, TurnOutcome.RATE_LIMITED, TurnOutcome.CANCELLED,
)  # fmt: skip


def patience(*, has_key):
    return Patience(retry_seconds=2, limit_seconds=300, leave_seconds=600, has_key=has_key)


@pytest.mark.parametrize(
    ("ending", "failures", "compacted", "plan"),
    [
        (Ending(OK), 0, False, Plan(Step.ACK, 0, False)),
        (Ending(CANCELLED), 0, False, Plan(Step.ACK, 0, False)),
        (Ending(LONG), 0, False, Plan(Step.COMPACT_AND_RETRY, 0, False)),
        (Ending(LONG), 1, True, Plan(Step.FRESH_AND_WAIT, 2, True)),
        (Ending(LIMITED, until_ms=15_000), 0, False, Plan(Step.PARK, 6, False)),
        (Ending(LIMITED), 0, False, Plan(Step.PARK, 300, False)),
        (Ending(LIMITED, until_ms=609_000), 0, False, Plan(Step.PARK, 600, False)),
        (Ending(LIMITED, until_ms=610_000), 0, False, Plan(Step.LEAVE_LIMIT, 601, False)),
        (Ending(FAILED, login_lost=True), 1, False, Plan(Step.WAIT, 2, True)),
        (Ending(FAILED, login_lost=True), REFUSALS - 1, False, Plan(Step.WAIT, 8, False)),
        (Ending(FAILED, login_lost=True), REFUSALS, False, Plan(Step.LEAVE_KEY, 0, False)),
        (Ending(FAILED), 1, False, Plan(Step.WAIT, 2, True)),
        (Ending(FAILED), 2, False, Plan(Step.WAIT, 8, False)),
        (Ending(FAILED), 4, False, Plan(Step.WAIT, 128, False)),
        (Ending(FAILED), PATIENCE, False, Plan(Step.WAIT, LONG_PAUSE_SECONDS, True)),
        (Ending(FAILED), PATIENCE + 7, False, Plan(Step.WAIT, LONG_PAUSE_SECONDS, False)),
    ],
)
def test_what_follows_a_turn(ending, failures, compacted, plan):
    decided = after(ending, failures=failures, compacted=compacted, now_ms=10_000, patience=patience(has_key=True))
    assert decided == plan


def test_without_a_key_a_lost_login_is_waited_for_where_it_can_be_given():
    lost = Ending(FAILED, login_lost=True)
    for failures in (1, REFUSALS, PATIENCE):
        plan = after(lost, failures=failures, compacted=False, now_ms=10_000, patience=patience(has_key=False))
        assert plan == Plan(Step.LOGIN, 0, True)


def test_a_limit_that_is_over_already_still_costs_a_second():
    assert park_seconds(5_000, now_ms=60_000, default=300) == 1.0


@pytest.mark.parametrize(
    ("tokens", "window", "full"),
    [
        (None, 200_000, False),
        (149_999, 200_000, False),
        (150_000, 200_000, True),
        (150_000, None, True),
        (200_000, 1_000_000, False),
    ],
)
def test_when_a_context_is_nearly_full(tokens, window, full):
    assert is_nearly_full(tokens, window) is full


def test_reconnecting_slows_down_to_two_seconds_and_never_stops():
    pauses = [reconnect_pause(attempt) for attempt in range(2000)]
    assert pauses[0] == 0.05
    assert pauses == sorted(pauses)
    assert max(pauses) == 2.0


RESULT = {"type": "result", "usage": {"input_tokens": 900, "output_tokens": 5}, "total_cost_usd": 0.5, "session_id": "s",
          "modelUsage": {"haiku": {"contextWindow": 200_000}}}  # fmt: skip
ANSWER = {"type": "assistant", "message": {"model": "haiku", "usage": {"input_tokens": 10, "cache_read_input_tokens": 90},
          "content": [{"type": "tool_use", "name": "Bash"}]}}  # fmt: skip


def tally(*frames):
    one = Tally()
    for frame in frames:
        one.take(frame)
    return one


def test_the_context_is_the_last_answers_usage_and_never_the_sum_of_the_result():
    one = tally(ANSWER, RESULT)
    assert one.context_tokens == 100
    assert one.tokens == {"input": 900, "output": 5, "cache_read": 0, "cache_creation": 0}
    assert (one.window, one.total_cost_usd, one.session_id, dict(one.tools)) == (200_000, 0.5, "s", {"Bash": 1})
    assert context_of({}) is None


def test_answers_of_subagents_and_synthetic_errors_are_no_context():
    inner = {**ANSWER, "parent_tool_use_id": "x"}
    error = {
        "type": "assistant",
        "error": "rate_limit",
        "message": {"model": "<synthetic>", "usage": {"input_tokens": 0}},
    }
    one = tally(inner, error)
    assert (one.context_tokens, one.model, one.error) == (None, None, "rate_limit")


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
def test_how_a_turn_ended_is_told_by_structure_not_by_text(result, error, outcome, login_lost):
    one = tally({"type": "result", **result})
    one.error = error
    ending = ending_of(one, cancelled=False, stderr=["last words"], exit_status=None)
    assert (ending.outcome, ending.login_lost) == (outcome, login_lost)


def test_a_claude_that_ends_in_the_turn_says_how_and_with_its_last_words():
    ending = ending_of(tally(ANSWER), cancelled=False, stderr=["out of memory"], exit_status=137)
    assert ending.note == "claude ended with status 137 in the middle of the turn\nout of memory"


def test_a_reset_time_is_taken_from_the_rejection_only():
    event = {"type": "rate_limit_event", "rate_limit_info": {"status": "allowed", "resetsAt": 5}}
    assert tally(event).resets_at_ms is None
    event["rate_limit_info"]["status"] = "rejected"
    assert tally(event).resets_at_ms == 5000


def test_claudes_own_waits_for_a_limit_are_recognised():
    retry = {"type": "system", "subtype": "api_retry", "error": "rate_limit", "retry_delay_ms": 1053.7}
    assert limit_pause_ms(retry) == 1053
    assert limit_pause_ms({**retry, "error": "server_error"}) is None


def test_shown_frames_are_cut_and_the_banner_is_reduced():
    banner = {"type": "system", "subtype": "init", "model": "haiku", "slash_commands": ["x"] * 50}
    assert shown(banner) == {"type": "system", "subtype": "init", "model": "haiku"}
    long = shown({"a": [{"b": "x" * 9_000}], "c": 1})
    assert long["a"][0]["b"] == "x" * 8_000 + "… (1000 more characters)"
    assert long["c"] == 1


def config(**fields):
    return AgentConfig.model_validate(fields)


@pytest.mark.parametrize(
    ("fields", "tools", "allow", "refused"),
    [
        ({}, "Bash Edit Glob Grep Read Write", "Edit Glob Grep Read Write Bash mcp__hive__send", ""),
        ({"allowedTools": ["Read", "Bash"]}, "Bash Read", "Read Bash mcp__hive__send", ""),
        ({"allowedTools": ["Read", "WebFetch"]}, "Read", "Read mcp__hive__send", "WebFetch"),
        ({"allowedTools": []}, "", "mcp__hive__send", ""),
        ({"allowedTools": ["Read"], "allowedBashPatterns": ["Bash(ls)"]}, "Read", "Read mcp__hive__send", ""),
        ({"allowedTools": ["Bash"], "allowedBashPatterns": []}, "Bash", "mcp__hive__send", ""),
        ({"allowedTools": ["Bash"], "allowedBashPatterns": ["Bash(ls)", "Bash", "Read", "Bash(a),Bash(b)"]},
         "Bash", "Bash(ls) mcp__hive__send", "Bash Read Bash(a),Bash(b)"),
        ({"allowedTools": [], "extraMcpServers": {"db": {"command": "x"}}}, "", "mcp__hive__send mcp__db", ""),
        ({"allowedTools": [], "extraMcpServers": {"db": {"command": "x", "allowedTools": ["get", "a,b"]}}},
         "", "mcp__hive__send mcp__db__get", "db:_a,b"),
    ],
)  # fmt: skip
def test_rules_come_from_the_configuration_and_nothing_strange_gets_in(fields, tools, allow, refused):
    rules = permissions(config(**fields), ["send"])
    assert rules.tools == tuple(tools.split())
    assert rules.allow == tuple(allow.split())
    assert rules.refused == tuple(
        part.replace("_", " ", 1) if part.startswith("db:") else part for part in refused.split()
    )
    assert rules.deny == DENIED


def test_the_hives_key_can_not_be_taken():
    with pytest.raises(ValueError, match="hive"):
        config(extraMcpServers={"hive": {"command": "false"}})
