"""What a minute allows: a bucket for each kind of thing, by a clock that the test owns."""

import pytest

from actors.admission.rates import Rates, charge, take
from harness.wire.agent_config import Limits
from harness.wire.errors import HiveError

RATES = Rates(messages_per_minute=60, bytes_per_minute=600)


def refused(buckets, costs, now, rates=RATES):
    with pytest.raises(HiveError) as caught:
        take(buckets, costs, rates, now)
    return caught.value


def test_a_whole_minute_passes_at_once_and_the_next_one_waits_for_its_token():
    buckets = {}
    for _ in range(60):
        buckets = take(buckets, {"messages_per_minute": 1}, RATES, 0.0)
    refusal = refused(buckets, {"messages_per_minute": 1}, 0.0)
    assert (refusal.code, refusal.retry_after_seconds) == ("rate_limited", 1.0)
    assert "60 messages a minute" in refusal.message
    assert take(buckets, {"messages_per_minute": 1}, RATES, refusal.retry_after_seconds)


def test_a_bucket_never_holds_more_than_a_minute():
    buckets = take({}, {"messages_per_minute": 60}, RATES, 0.0)
    take(buckets, {"messages_per_minute": 60}, RATES, 3600.0)
    refused(take(buckets, {"messages_per_minute": 60}, RATES, 3600.0), {"messages_per_minute": 1}, 3600.0)


def test_more_than_a_minute_in_one_request_passes_once_and_is_owed():
    buckets = take({}, {"bytes_per_minute": 1800}, RATES, 0.0)
    assert refused(buckets, {"bytes_per_minute": 1}, 60.0).retry_after_seconds == pytest.approx(60.1)
    assert take(buckets, {"bytes_per_minute": 1}, RATES, 120.2)


def test_a_refused_request_takes_nothing_of_any_kind():
    buckets = take({}, {"messages_per_minute": 60}, RATES, 0.0)
    refused(buckets, {"bytes_per_minute": 600, "messages_per_minute": 1}, 0.0)
    assert take(buckets, {"bytes_per_minute": 600}, RATES, 0.0)


def test_what_turns_out_to_cost_more_is_owed():
    buckets = charge(take({}, {"messages_per_minute": 1}, RATES, 0.0), "messages_per_minute", 89, RATES, 0.0)
    assert refused(buckets, {"messages_per_minute": 1}, 0.0).retry_after_seconds == pytest.approx(31.0)


def test_a_clock_that_stands_still_refills_nothing():
    buckets = take({}, {"messages_per_minute": 60}, RATES, 5.0)
    assert refused(buckets, {"messages_per_minute": 1}, 5.0).retry_after_seconds > 0


def test_the_configuration_of_an_agent_says_more_or_less_than_the_host():
    rates = Rates().with_limits(Limits(memory="2G", messages_per_minute=3))
    assert rates == Rates(messages_per_minute=3)
