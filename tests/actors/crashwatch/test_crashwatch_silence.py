"""Agents that live and do nothing about their mail."""

import pytest

from actors.agent.addresses import container_actor
from actors.agent.container.messages import HarnessEvents
from actors.agent.registry import api as agents
from actors.broker import api as broker
from harness.wire.times import to_ms
from tests.actors.crashwatch.watched_hive import LIMIT, WatchedHive


@pytest.fixture
def hive():
    hive = WatchedHive()
    yield hive
    hive.remove()


def mail(hive, body="work"):
    broker.send(hive.directory, sender="operator", to="alice", body=body)


def pass_looks(hive, seconds):
    """Time in small steps, as it is: a look waits a second for its answers."""
    for _ in range(int(seconds / 5)):
        hive.pass_time(5)


def test_one_that_never_asks_is_told_of_and_restarted_once_then_only_told_of(hive):
    mail(hive)
    pass_looks(hive, LIMIT + 10)
    (stuck,) = hive.told("agent_stuck")
    assert (stuck["agent"], hive.launches()) == ("alice", 2)
    assert "restarted" in stuck["note"]
    assert hive.state("alice") == "running"
    assert [one["level"] for one in hive.emitted("notice")] == ["error"]
    pass_looks(hive, LIMIT - 20)
    assert hive.told("agent_stuck") == []
    pass_looks(hive, 40)
    (again,) = hive.told("agent_stuck")
    assert "did not help" in again["note"]
    assert (hive.state("alice"), hive.row("alice").running) == ("stuck", True)
    assert "did not help" in hive.note()
    pass_looks(hive, 5 * LIMIT)
    assert hive.told("agent_stuck") == []
    assert hive.launches() == 2


def test_mail_right_after_a_look_is_found_at_its_deadline(hive):
    hive.pass_time(LIMIT + 1)
    hive.pass_time(1)
    mail(hive)
    pass_looks(hive, LIMIT - 5)
    assert hive.told("agent_stuck") == []
    pass_looks(hive, 10)
    assert len(hive.told("agent_stuck")) == 1


def alive(hive):
    hive.directory.tell(
        container_actor("alice"), HarnessEvents(({"kind": "note", "text": "at it", "class": "harness"},))
    )


def asks(hive):
    broker.recv(hive.directory, name="alice")


def paused(hive):
    agents.set_paused(hive.directory, "alice", paused=True)


def rate_limited(hive):
    until = "2100-01-01T00:00:00.000Z"
    state = {"kind": "state", "state": "idle", "since": "2026-01-01T00:00:00.000Z", "until": until}
    hive.directory.tell(container_actor("alice"), HarnessEvents((state,)))


def stopped(hive):
    agents.stop(hive.directory, "alice")


@pytest.mark.parametrize("sign", [alive, asks, paused, rate_limited, stopped])
def test_nobody_is_stuck_who_lives_asks_or_may_not_work(hive, sign):
    mail(hive)
    for _ in range(4):
        sign(hive)
        pass_looks(hive, LIMIT / 2)
    assert hive.told("agent_stuck") == []


def test_one_without_mail_is_never_stuck(hive):
    asks(hive)
    broker.ack_turn(hive.directory, "alice")
    pass_looks(hive, 5 * LIMIT)
    assert hive.told() == []


def test_one_that_waits_for_mail_is_not_stuck_and_one_that_froze_with_a_lease_is(hive):
    waiter = broker.long_poll(hive.directory, name="alice", wait_seconds=180)
    pass_looks(hive, LIMIT * 2)
    assert hive.told() == []
    mail(hive)
    assert waiter.wait().messages
    pass_looks(hive, LIMIT + 10)
    assert len(hive.told("agent_stuck")) == 1


@pytest.mark.parametrize("sign", [alive, asks, paused])
def test_one_that_is_stuck_is_so_until_it_shows_life_or_may_not_work(hive, sign):
    mail(hive)
    pass_looks(hive, 2 * LIMIT + 20)
    assert hive.state("alice") == "stuck"
    sign(hive)
    hive.settle()
    assert (hive.state("alice"), hive.note()) == ("running", "")


def test_one_that_is_stuck_can_be_restarted_stopped_and_taken_over(hive):
    mail(hive)
    pass_looks(hive, 2 * LIMIT + 20)
    assert hive.state("alice") == "stuck"
    hive.directory.actor(container_actor("alice")).kill("by a test")
    hive.settle()
    hive.until_running("alice")
    pass_looks(hive, LIMIT + 10)
    assert hive.state("alice") == "stuck"
    agents.restart(hive.directory, "alice")
    assert hive.state("alice") == "running"
    pass_looks(hive, LIMIT + 10)
    assert hive.state("alice") == "stuck"
    agents.stop(hive.directory, "alice")
    assert hive.state("alice") == "stopped"


@pytest.mark.parametrize("step", ["suspend", "forward", "back"])
def test_a_machine_that_slept_for_eight_hours_or_a_clock_that_was_set_makes_no_agent_stuck(hive, step):
    """The mail is from before the jump, and so is the last sign of life: only running time tells silence from sleep."""
    alive(hive)
    pass_looks(hive, LIMIT * 3)
    mail(hive)
    alive(hive)
    pass_looks(hive, LIMIT / 2)
    if step == "suspend":
        hive.clock.suspend(8 * 3600)
    else:
        hive.clock.step_wall(8 * 3600 if step == "forward" else -8 * 3600)
    pass_looks(hive, LIMIT / 2 - 10)
    assert hive.told("agent_stuck") == []
    assert hive.launches() == 1
    pass_looks(hive, 20)
    (stuck,) = hive.told("agent_stuck")
    assert abs(hive.clock.now_ms() - to_ms(stuck["since"]) - LIMIT * 1000) < 15_000
