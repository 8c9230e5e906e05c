"""Containers that end: what the manager is told, how often, and what is started again."""

import pytest

from actors.agent.registry import api as agents
from actors.broker.actor import BrokerActor
from actors.crashwatch.report import AlreadyNotified, notify
from actors.supervision import SupervisionError
from harness.wire.errors import HiveError, bad_request, unavailable
from harness.wire.events import ContainerCrash
from tests.actors.crashwatch.watched_hive import WatchedHive
from tests.waiting import SECONDS


@pytest.fixture
def hive():
    hive = WatchedHive()
    yield hive
    hive.remove()


def test_a_crash_is_told_once_with_its_class_its_status_and_the_last_words(hive):
    hive.crash(137)
    (crash,) = hive.told("container_crash")
    assert {
        "agent": "alice",
        "exit_status": 137,
        "kind": "killed",
        "log_tail": ["first words", "last words"],
    }.items() <= crash.items()
    assert "SIGKILL" in crash["note"]
    assert [one["agent"] for one in hive.emitted("notice")] == ["alice"]
    assert hive.launches() == 2


def test_two_equal_crashes_are_two_events(hive):
    hive.crash(1)
    hive.settle()
    hive.crash(1)
    hive.pass_time(1)
    one, other = hive.told("container_crash")
    assert one["at"] != other["at"]
    assert {**one, "at": None} == {**other, "at": None}


def test_an_end_that_was_asked_for_is_no_event(hive):
    agents.restart(hive.directory, "alice")
    agents.stop(hive.directory, "alice")
    agents.start(hive.directory, "alice")
    agents.destroy(hive.directory, "alice")
    assert [one["event"] for one in hive.told()] == ["killed", "destroyed"], "what was done, and no crash"


def test_a_refused_key_parks_loudly_until_somebody_starts_it(hive):
    hive.crash(76)
    assert [one["event"] for one in hive.told()] == ["needs_login"], "it is no crash"
    hive.pass_time(3600)
    row = hive.row("alice")
    assert (row.state, row.failed, row.needs_login, hive.launches()) == ("parked", True, True, 1)
    assert "the agent starts by itself" in row.note
    assert any("is parked" in one["text"] for one in hive.emitted("notice"))
    agents.start(hive.directory, "alice")
    assert hive.row("alice").running
    assert hive.told() == []


def crash_until_parked(hive):
    for _ in range(6):
        hive.crash(1)
        hive.pass_time(9)


def test_one_that_crashes_on_and_on_is_parked_loudly_and_comes_back_when_it_is_started(hive):
    crash_until_parked(hive)
    events = hive.told()
    assert [one["event"] for one in events] == ["container_crash"] * 6 + ["agent_stuck"]
    assert "hive start alice" in events[-1]["note"]
    assert "parked" in hive.note()
    assert hive.row("alice").state == "parked"
    agents.start(hive.directory, "alice")
    assert hive.row("alice").running


def test_a_new_roster_does_not_wake_what_is_parked(hive):
    crash_until_parked(hive)
    hive.stop("registry")
    hive.boot_registry()
    hive.settle()
    assert hive.row("alice").state == "parked"
    assert hive.launches() == 6


def test_a_start_that_fails_again_and_again_is_told_once(hive):
    hive.runtime.fails = bad_request("no such bind")
    hive.crash(1)
    for _ in range(8):
        hive.pass_time(9)
    crash, failed, given_up = hive.told()
    assert (crash["kind"], failed["kind"], given_up["event"]) == ("crash", "start_failed", "agent_stuck")
    assert "no such bind" in failed["note"]
    assert hive.row("alice").state == "parked"


def test_a_start_that_fails_for_a_passing_reason_is_tried_until_it_works(hive):
    hive.runtime.fails = unavailable("the disk is full")
    hive.crash(1)
    for _ in range(20):
        hive.pass_time(30)
    assert "the disk is full" in hive.note()
    assert hive.row("alice").state != "parked"
    hive.runtime.fails = None
    hive.pass_time(301)
    assert hive.row("alice").running
    assert [one["kind"] for one in hive.told()] == ["crash", "start_failed"]


def test_a_start_by_the_operator_that_fails_for_a_passing_reason_is_tried_again_too(hive):
    agents.stop(hive.directory, "alice")
    hive.runtime.fails = unavailable("the disk is full")
    with pytest.raises(HiveError):
        agents.start(hive.directory, "alice")
    hive.runtime.fails = None
    hive.pass_time(2)
    assert hive.row("alice").running


def test_one_that_is_stopped_meanwhile_is_not_tried_again(hive):
    agents.stop(hive.directory, "alice")
    hive.runtime.fails = unavailable("the disk is full")
    with pytest.raises((HiveError, SupervisionError)):
        agents.start(hive.directory, "alice")
    agents.stop(hive.directory, "alice")
    hive.runtime.fails = None
    hive.pass_time(400)
    assert not hive.row("alice").running


def test_what_could_not_be_told_is_told_when_the_broker_is_back_and_once(hive):
    hive.stop("broker")
    hive.runtime.end("alice", 3)
    hive.clock.advance(3)
    hive.settle()
    hive.boot("broker", BrokerActor(directory=hive.directory, clock=hive.clock))
    hive.pass_time(2)
    hive.pass_time(2)
    # Without a broker it cannot be started either, which is told too.
    assert [one["kind"] for one in hive.told("container_crash")] == ["crash", "start_failed"]


def test_an_event_whose_post_was_stored_is_not_told_again(hive):
    event = ContainerCrash(agent="alice", note="was killed", at="2026-01-01T00:00:00.000Z")
    notify(hive.directory, event, again=False).get(timeout=SECONDS)
    with pytest.raises(AlreadyNotified):
        notify(hive.directory, event, again=True).get(timeout=SECONDS)
    assert len(hive.told()) == 1


def test_a_new_crash_watch_makes_nothing_up_and_misses_nothing_after_it(hive):
    hive.stop("crashwatch")
    hive.boot_watch()
    assert hive.told() == []
    hive.crash(9)
    assert len(hive.told("container_crash")) == 1
