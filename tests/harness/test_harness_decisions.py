"""What follows a turn: the decisions."""

import pytest

from harness.claude.outcome import TurnResult
from harness.claude.turn_limits import TurnLimits
from harness.daemon.reconnect import reconnect_delay
from harness.turns.decision import (
    LONG_RETRY_SECONDS,
    MAX_REFUSALS,
    Decision,
    NextAction,
    RetryPolicy,
    after,
    count_failures,
    is_nearly_full,
    limit_wait_seconds,
)
from harness.wire.events import TurnOutcome

OK, FAILED, LONG, LIMITED, CANCELLED = (
    TurnOutcome.OK, TurnOutcome.FAILED, TurnOutcome.PROMPT_TOO_LONG, TurnOutcome.RATE_LIMITED, TurnOutcome.CANCELLED,
)  # fmt: skip


def policy(*, has_key):
    return RetryPolicy(
        first_retry_seconds=2, default_limit_wait_seconds=300, max_limit_wait_seconds=600, has_key=has_key
    )


@pytest.mark.parametrize(
    ("result", "failures", "compacted", "decision"),
    [
        (TurnResult(OK), 0, False, Decision(NextAction.ACK, 0)),
        (TurnResult(CANCELLED), 0, False, Decision(NextAction.ACK, 0)),
        (TurnResult(LONG), 0, False, Decision(NextAction.COMPACT_AND_RETRY, 0)),
        (TurnResult(LONG), 1, True, Decision(NextAction.RETRY_IN_NEW_SESSION, 2)),
        (TurnResult(LIMITED, resets_at_ms=15_000), 0, False, Decision(NextAction.WAIT_FOR_LIMIT, 6)),
        (TurnResult(LIMITED), 0, False, Decision(NextAction.WAIT_FOR_LIMIT, 300)),
        (TurnResult(LIMITED, resets_at_ms=609_000), 0, False, Decision(NextAction.WAIT_FOR_LIMIT, 600)),
        (TurnResult(LIMITED, resets_at_ms=610_000), 0, False, Decision(NextAction.EXIT_LIMIT, 601)),
        (TurnResult(FAILED, login_lost=True), 1, False, Decision(NextAction.RETRY, 2)),
        (TurnResult(FAILED, login_lost=True), MAX_REFUSALS - 1, False, Decision(NextAction.RETRY, 8)),
        (TurnResult(FAILED, login_lost=True), MAX_REFUSALS, False, Decision(NextAction.EXIT_LOGIN_LOST, 0)),
        (TurnResult(FAILED), 1, False, Decision(NextAction.RETRY, 2)),
        (TurnResult(FAILED), 2, False, Decision(NextAction.RETRY, 8)),
        (TurnResult(FAILED), 3, False, Decision(NextAction.RETRY_IN_NEW_SESSION, 32)),
        (TurnResult(FAILED), 5, False, Decision(NextAction.RETRY_IN_NEW_SESSION, 512)),
        (TurnResult(FAILED, outage=True), 4, False, Decision(NextAction.RETRY, 128)),
        (TurnResult(FAILED, outage=True), 6, False, Decision(NextAction.RETRY, LONG_RETRY_SECONDS)),
        (TurnResult(FAILED, outage=True), 100_000, False, Decision(NextAction.RETRY, LONG_RETRY_SECONDS)),
    ],
)
def test_what_follows_a_turn(result, failures, compacted, decision):
    decided = after(result, failures=failures, compacted=compacted, now_ms=10_000, policy=policy(has_key=True))
    assert decided == decision


@pytest.mark.parametrize("failures", [1, MAX_REFUSALS, 9])
def test_without_a_key_a_lost_login_is_waited_for_in_the_container(failures):
    lost = TurnResult(FAILED, login_lost=True)
    decision = after(lost, failures=failures, compacted=False, now_ms=10_000, policy=policy(has_key=False))
    assert decision == Decision(NextAction.WAIT_FOR_LOGIN, 0)


@pytest.mark.parametrize(
    ("outcome", "compacted", "failures"),
    [(OK, False, 0), (CANCELLED, False, 0), (LIMITED, False, 3), (LIMITED, True, 3), (LONG, False, 3), (LONG, True, 4),
     (FAILED, False, 4), (FAILED, True, 4)],
)  # fmt: skip
def test_failures_in_a_row_end_with_a_good_turn_and_leave_out_limits_and_prompts_that_may_still_fit(
    outcome, compacted, failures
):
    assert count_failures(3, TurnResult(outcome), compacted=compacted) == failures


def test_a_turn_that_was_cancelled_at_a_limit_of_its_own_has_failed():
    over = TurnResult(CANCELLED, "too long", over_limit=True)
    assert count_failures(3, over, compacted=False) == 4
    decided = [after(over, failures=n, compacted=False, now_ms=0, policy=policy(has_key=True)) for n in (1, 3)]
    assert [one.action for one in decided] == [NextAction.RETRY, NextAction.RETRY_IN_NEW_SESSION]


@pytest.mark.parametrize(
    ("limits", "elapsed", "calls", "why"),
    [
        (TurnLimits(), 10**9, 10**9, None),
        (TurnLimits(seconds=2.5), 2.4, 0, None),
        (TurnLimits(seconds=2.5), 2.5, 0, "the turn took longer than limits.turn_seconds allows: 2.5 s"),
        (TurnLimits(tool_calls=3), 0.0, 3, None),
        (TurnLimits(tool_calls=3), 0.0, 4, "the turn called more tools than limits.turn_tool_calls allows: 3"),
    ],
)
def test_a_turn_ends_at_its_limits_and_not_before(limits, elapsed, calls, why):
    assert limits.exceeded(elapsed, calls) == why


def test_what_is_waited_for_is_what_is_left_of_the_time():
    assert TurnLimits().seconds_left(5.0) is None
    assert TurnLimits(seconds=4.0).seconds_left(1.0) == 3.0
    assert TurnLimits(seconds=4.0).seconds_left(9.0) == 0.0


def test_a_limit_that_is_already_over_still_takes_a_second():
    assert limit_wait_seconds(5_000, now_ms=60_000, default=300) == 1.0


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


@pytest.mark.parametrize(
    ("tokens", "window", "full"),
    [
        (None, 200_000, False),
        (49_999, 200_000, False),
        (50_000, 200_000, True),
        (50_000, None, True),
        (26_999, 30_000, False),
        (27_000, 30_000, True),
    ],
)
def test_a_configured_threshold_counts_tokens_and_never_more_than_the_window_holds(tokens, window, full):
    assert is_nearly_full(tokens, window, compact_tokens=50_000) is full


def test_reconnecting_slows_down_to_two_seconds_and_never_stops():
    delays = [reconnect_delay(attempt) for attempt in range(2000)]
    assert delays[0] == 0.05
    assert delays == sorted(delays)
    assert max(delays) == 2.0
