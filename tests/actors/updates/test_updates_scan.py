"""A host that is newer than what runs: rebuilt, or told of, or neither when it does not know its own revision."""

import json

import pytest

from actors.agent.registry import api as agents
from actors.agent.snapshot import is_stale, revision_marker
from actors.broker import api as broker
from tests.actors.whole_house import WholeHouse
from tests.waiting import SECONDS, until


@pytest.fixture
def house():
    houses = []

    def build(**settings):
        house = WholeHouse(revision="old", **settings)
        houses.append(house)
        house.settle_in(["alice", "bob"])
        until(lambda: stored(house) == dict.fromkeys(("alice", "bob"), "old/-"))
        return house

    yield build
    houses[0].remove()


def stored(house):
    rows = {one.record.name: one.record.revision for one in agents.snapshots(house.directory)}
    rows.pop("hm1nd")
    return rows


def upgrade(house, revision):
    house.close()
    house.revision = revision
    house.open()
    scan = house.directory.actor("updates")
    if scan is not None:
        scan.ended.get(timeout=SECONDS)


def events(house, kind):
    mail = broker.recent(house.directory, "manager", 200)
    bodies = [json.loads(one.body) for one in mail if one.kind == "event"]
    return [body for body in bodies if body["event"] == kind]


def test_a_revision_is_noted_of_every_container_that_starts_with_the_commit_in_force():
    assert revision_marker("abc", "f" * 40) == "abc/" + "f" * 40
    assert revision_marker(None, "f" * 40) is None


@pytest.mark.parametrize(
    ("noted", "hive", "sha", "stale"),
    [
        ("abc/f", "abc", "f", False),
        ("abc/f", "abd", "f", True),
        ("abc/e", "abc", "f", True),
        (None, "abc", "f", True),
        ("abc/f", None, "f", None),
        (None, None, None, None),
    ],
)
def test_stale_is_who_would_be_another_if_started_now(noted, hive, sha, stale):
    assert is_stale(noted, hive, sha) is stale


def test_after_an_upgrade_those_who_run_are_rebuilt_the_manager_first_and_those_who_rest_are_not(house):
    house = house()
    agents.stop(house.directory, "bob")
    before = len(house.runtime.launches)
    upgrade(house, "new")
    until(lambda: len(house.runtime.launches) == before + 1)
    assert house.runtime.launches[-1].paths.name == "hm1nd"
    until(lambda: broker.recv(house.directory, name="manager") and len(house.runtime.launches) == before + 2)
    until(lambda: stored(house) == {"alice": "new/-", "bob": "old/-"})
    assert [(event["agents"], event["reason"]) for event in events(house, "restart_planned")][-1] == (
        ["alice"],
        "the hive was updated",
    )
    until(lambda: [event["agent"] for event in events(house, "rebuilt")] == ["alice"])
    rows = {row.name: row.needs_update for row in agents.rows(house.directory)}
    assert rows == {"manager": False, "alice": False, "bob": None}


def test_a_restart_with_the_same_revision_disturbs_nobody(house):
    house = house()
    before = dict(house.runtime.alive)
    upgrade(house, "old")
    assert house.runtime.alive == before
    assert {row.needs_update for row in agents.rows(house.directory)} == {False}


def test_without_auto_update_they_are_left_alone_and_told_of_once_a_revision(house):
    house = house(auto_update=False)
    before = dict(house.runtime.alive)
    for revision in ("new", "new", "newest"):
        upgrade(house, revision)
        told = {"new": 3, "newest": 6}[revision]
        until(lambda told=told: len(events(house, "needs_update")) == told)
        assert {row.needs_update for row in agents.rows(house.directory)} == {True}
    assert house.runtime.alive == before
    assert [event["agent"] for event in events(house, "needs_update")][:3] == ["manager", "alice", "bob"]


def test_a_host_that_does_not_know_its_revision_changes_nothing_and_says_so(house, caplog):
    house = house()
    before = dict(house.runtime.alive)
    upgrade(house, None)
    assert house.runtime.alive == before
    assert "the revision of this hive is not known" in caplog.text
    assert {row.needs_update for row in agents.rows(house.directory)} == {None}


def test_the_look_ends_when_it_is_done_and_is_no_failure(house):
    house = house()
    until(lambda: house.node("updates")["state"] == "done")
    assert house.node("updates")["restarts"] == 0


@pytest.mark.parametrize("auto", [True, False])
def test_whom_an_approval_is_about_to_rebuild_is_left_to_it(house, monkeypatch, auto):
    house = house(auto_update=auto)
    before = dict(house.runtime.alive)
    monkeypatch.setattr("actors.approvals.api.to_be_rebuilt", lambda _directory: frozenset({"hm1nd", "alice"}))
    upgrade(house, "new")
    if auto:
        until(lambda: stored(house) == {"alice": "old/-", "bob": "new/-"})
        assert house.runtime.alive["bob"] != before["bob"]
    else:
        until(lambda: [event["agent"] for event in events(house, "needs_update")] == ["bob"])
    assert {name: house.runtime.alive[name] for name in ("hm1nd", "alice")} == {
        name: before[name] for name in ("hm1nd", "alice")
    }
