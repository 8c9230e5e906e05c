"""A usage limit that lasts: the agent rests without a container and comes back by itself, whatever restarts meanwhile."""

import contextlib

import gevent
import pytest

from actors.agent.container import rate_limit
from actors.agent.registry import api as agents
from actors.broker import api as broker
from harness.wire.errors import unavailable
from harness.wire.times import from_ms, to_ms
from tests.actors.agent.hive_parts import AgentHive
from tests.actors.crashwatch.watched_hive import WatchedHive
from tests.waiting import SECONDS, until

HOUR = 3600


@pytest.fixture
def hive():
    hive = WatchedHive()
    yield hive
    hive.remove()


def met_its_limit(hive, seconds=HOUR, name="alice"):
    """The harness said until when, and left."""
    if seconds is not None:
        now_ms = hive.clock.now_ms()
        limited = {"kind": "state", "state": "rate_limited", "since": from_ms(now_ms),
                   "until": from_ms(now_ms + seconds * 1000)}  # fmt: skip
        with hive.harness(name) as harness:
            harness.ask("publish", events=[limited])
    hive.crash(75, name)


def seconds_left(hive, name="alice"):
    return (to_ms(hive.row(name).rate_limited_until) - hive.clock.now_ms()) / 1000


def test_it_rests_until_the_limit_is_over_and_nobody_calls_that_a_crash(hive):
    met_its_limit(hive)
    row = hive.row("alice")
    assert (row.state, row.running, row.failed, row.transient) == ("rate_limited", False, False, None)
    assert HOUR <= seconds_left(hive) <= HOUR + rate_limit.SPREAD_SECONDS + 1
    assert "`hive start alice` tries now" in row.note
    assert hive.told() == []
    for _ in range(5):
        hive.pass_time(700)
    assert (hive.row("alice").running, hive.launches()) == (False, 1)
    hive.pass_time(200)
    row = hive.row("alice")
    assert (row.running, row.rate_limited_until, row.note, hive.launches()) == (True, None, None, 2)


def test_its_mail_waits_and_is_offered_again_with_a_mark(hive):
    broker.send(hive.directory, sender="operator", to="alice", body="spend")
    broker.recv(hive.directory, name="alice", max=1)
    met_its_limit(hive)
    assert (hive.row("alice").pending, hive.row("alice").leased) == (1, 0)
    hive.pass_time(2 * HOUR)
    (mail,) = broker.recv(hive.directory, name="alice", max=1).messages
    assert (mail.body, mail.redelivered) == ("spend", True)


def test_a_start_by_the_operator_does_not_wait_and_ends_the_rest_for_good(hive):
    met_its_limit(hive)
    agents.start(hive.directory, "alice")
    assert hive.row("alice").running
    hive.crash(1)
    assert hive.row("alice").running, "the old limit counts no more"


def test_an_order_of_the_operator_wakes_it(hive):
    met_its_limit(hive)
    taken = gevent.spawn(agents.control, hive.directory, "alice", "model", "opus")
    until(lambda: hive.row("alice").running)
    with hive.harness("alice") as harness:
        said = harness.ask("control", wait_seconds=0)
    assert [one["value"] for one in said["commands"]] == ["opus"]
    taken.get(timeout=SECONDS)
    assert hive.launches() == 2


def test_one_that_is_stopped_in_its_rest_stays_stopped(hive):
    met_its_limit(hive)
    agents.stop(hive.directory, "alice")
    hive.pass_time(2 * HOUR)
    assert (hive.row("alice").state, hive.row("alice").rate_limited_until) == ("stopped", None)


def test_the_rest_outlives_every_room_and_the_daemon(hive):
    met_its_limit(hive)
    left = seconds_left(hive)
    hive.stop("registry")
    hive.boot_registry()
    hive.settle()
    assert seconds_left(hive) == left
    hive.close()
    hive.names.clear()
    with contextlib.closing(AgentHive(hive.runtime, folder=hive.place)) as after:
        assert (after.row("alice").state, hive.launches()) == ("rate_limited", 1)
        assert seconds_left(after) == left
        after.clock.advance(2 * HOUR)
        until(lambda: after.row("alice").running)


def test_a_limit_whose_end_is_not_known_is_tried_again_after_a_while(hive):
    met_its_limit(hive, None)
    assert (
        rate_limit.UNKNOWN_SECONDS <= seconds_left(hive) <= rate_limit.UNKNOWN_SECONDS + rate_limit.SPREAD_SECONDS + 1
    )


def test_no_agent_sends_itself_to_sleep_for_good(hive):
    met_its_limit(hive, 10 * 365 * 24 * HOUR)
    assert seconds_left(hive) <= rate_limit.LONGEST_SECONDS


def test_a_start_that_fails_after_the_rest_is_the_supervisors(hive):
    met_its_limit(hive)
    hive.runtime.fails = unavailable("the disk is full")
    hive.settle()
    hive.clock.advance(seconds_left(hive))
    until(lambda: "did not start: the disk is full" in (hive.row("alice").note or ""))
    hive.runtime.fails = None
    until(lambda: hive.clock.advance(300) or hive.row("alice").running)
    assert [one["kind"] for one in hive.told("container_crash")] == ["start_failed"]


def test_the_manager_is_back_before_the_others_and_they_do_not_come_at_once():
    told = from_ms(1_000_000)
    ends = {name: rate_limit.end_ms(name, told, now_ms=0) for name in ("hm1nd", *(f"a{n}" for n in range(40)))}
    assert min(ends, key=lambda name: ends[name]) == "hm1nd"
    assert len(set(ends.values())) > 10
    assert max(ends.values()) <= 1_000_000 + 1000 * (rate_limit.SPREAD_SECONDS + 1)


@pytest.mark.parametrize(
    ("jump", "seconds"),
    [
        (lambda clock: clock.suspend(8 * HOUR), 0),
        (lambda clock: clock.step_wall(8 * HOUR), 0),
        (lambda clock: clock.step_wall(-8 * HOUR), HOUR),
    ],
    ids=["the machine slept", "the clock was set forward", "the clock was set back"],
)
def test_a_limit_ends_at_the_provider_while_the_machine_sleeps_and_a_clock_set_back_does_not_lengthen_it(
    hive, jump, seconds
):
    met_its_limit(hive)
    jump(hive.clock)
    if seconds:
        hive.pass_time(seconds - 120)
    else:
        assert not hive.row("alice").running
    assert hive.launches() == 1
    hive.pass_time(60 + (120 + rate_limit.SPREAD_SECONDS if seconds else 0))
    assert (hive.row("alice").running, hive.launches()) == (True, 2)
