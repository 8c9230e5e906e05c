"""A host that is newer than what runs: rebuilt, or told of, or neither when it does not know its own revision."""

import json

import pytest

from actors.agent.registry import api as agents
from actors.agent.snapshot import is_stale, revision_marker
from actors.broker import api as broker
from actors.supervision import Actor, Directory, FakeClock
from actors.updates import actor as updates
from tests.actors.whole_hive import WholeHive
from tests.waiting import SECONDS, until


@pytest.fixture
def hive():
    hives = []

    def build(**settings):
        hive = WholeHive(revision="old", **settings)
        hives.append(hive)
        hive.settle_in(["alice", "bob"])
        until(lambda: stored(hive) == dict.fromkeys(("alice", "bob"), "old/-"))
        return hive

    yield build
    hives[0].remove()


def stored(hive):
    rows = {one.record.name: one.record.revision for one in agents.snapshots(hive.directory)}
    rows.pop("hm1nd")
    return rows


def upgrade(hive, revision):
    hive.close()
    hive.revision = revision
    hive.open()
    scan = hive.directory.actor("updates")
    if scan is not None:
        scan.ended.get(timeout=SECONDS)


def events(hive, kind):
    mail = broker.recent(hive.directory, "manager", 200)
    bodies = [json.loads(one.body) for one in mail if one.kind == "event"]
    return [body for body in bodies if body["event"] == kind]


def test_a_revision_is_noted_of_every_container_that_starts_with_the_commit_in_force():
    assert revision_marker("abc", "f" * 40) == "abc/" + "f" * 40
    assert revision_marker(None, "f" * 40) is None
    assert revision_marker("abc", None, "key+0123") == "abc/-/key+0123"


@pytest.mark.parametrize(
    ("noted", "hive", "sha", "stale"),
    [
        ("abc/f", "abc", "f", False),
        ("abc/f", "abd", "f", True),
        ("abc/e", "abc", "f", True),
        ("abc/f/key", "abc", "f", False),
        ("abc/f/token", "abc", "f", True),
        ("abc/e/key", "abc", "f", True),
        (None, "abc", "f", True),
        ("abc/f", None, "f", None),
        (None, None, None, None),
    ],
)
def test_stale_is_who_would_be_another_if_started_now(noted, hive, sha, stale):
    assert is_stale(noted, hive, sha, lambda credential: credential in {"", "key"}) is stale


@pytest.mark.slow
def test_after_an_upgrade_those_who_run_are_rebuilt_the_manager_first_and_those_who_rest_are_not(hive):
    hive = hive()
    agents.stop(hive.directory, "bob")
    before = len(hive.runtime.launches)
    upgrade(hive, "new")
    until(lambda: len(hive.runtime.launches) == before + 1)
    assert hive.runtime.launches[-1].paths.name == "hm1nd"
    until(lambda: broker.recv(hive.directory, name="manager") and len(hive.runtime.launches) == before + 2)
    until(lambda: stored(hive) == {"alice": "new/-", "bob": "old/-"})
    assert [(event["agents"], event["reason"]) for event in events(hive, "restart_planned")][-1] == (
        ["alice"],
        "the hive was updated",
    )
    until(lambda: [event["agent"] for event in events(hive, "rebuilt")] == ["alice"])
    rows = {row.name: row.needs_update for row in agents.rows(hive.directory)}
    assert rows == {"manager": False, "alice": False, "bob": False}


@pytest.mark.slow
def test_a_restart_with_the_same_revision_disturbs_nobody(hive):
    hive = hive()
    before = dict(hive.runtime.alive)
    upgrade(hive, "old")
    assert hive.runtime.alive == before
    assert {row.needs_update for row in agents.rows(hive.directory)} == {False}


@pytest.mark.slow
def test_without_auto_update_they_are_left_alone_and_told_of_once_a_revision(hive):
    hive = hive(auto_update=False)
    before = dict(hive.runtime.alive)
    for revision in ("new", "new", "newest"):
        upgrade(hive, revision)
        told = {"new": 3, "newest": 6}[revision]
        until(lambda told=told: len(events(hive, "needs_update")) == told)
        assert {row.needs_update for row in agents.rows(hive.directory)} == {True}
    assert hive.runtime.alive == before
    assert [event["agent"] for event in events(hive, "needs_update")][:3] == ["manager", "alice", "bob"]


@pytest.mark.slow
def test_a_host_that_does_not_know_its_revision_changes_nothing_and_says_so(hive, caplog):
    hive = hive()
    before = dict(hive.runtime.alive)
    upgrade(hive, None)
    assert hive.runtime.alive == before
    assert "the revision of this hive is not known" in caplog.text
    assert {row.needs_update for row in agents.rows(hive.directory)} == {False}


@pytest.mark.slow
def test_the_look_ends_when_it_is_done_and_is_no_failure(hive):
    hive = hive()
    until(lambda: hive.node("updates")["state"] == "done")
    assert hive.node("updates")["restarts"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("auto", [True, False])
def test_whom_an_approval_is_about_to_rebuild_is_left_to_it(hive, monkeypatch, auto):
    hive = hive(auto_update=auto)
    before = dict(hive.runtime.alive)
    monkeypatch.setattr("actors.approvals.api.to_be_rebuilt", lambda _directory: frozenset({"hm1nd", "alice"}))
    upgrade(hive, "new")
    if auto:
        until(lambda: stored(hive) == {"alice": "old/-", "bob": "new/-"})
        assert hive.runtime.alive["bob"] != before["bob"]
    else:
        until(lambda: [event["agent"] for event in events(hive, "needs_update")] == ["bob"])
    assert {name: hive.runtime.alive[name] for name in ("hm1nd", "alice")} == {
        name: before[name] for name in ("hm1nd", "alice")
    }


class BusyRegistry(Actor):
    """As with a thousand agents: the first question has no answer in time."""

    asked = 0

    def handle(self, message):
        self.asked += 1
        return self.promise() if self.asked == 1 else []


def test_a_scan_that_had_no_answer_is_made_again(monkeypatch):
    monkeypatch.setattr(agents, "ASK_SECONDS", 0.001)
    monkeypatch.setattr(updates.approvals, "to_be_rebuilt", lambda _directory: set())
    directory, clock = Directory(), FakeClock()
    directory.boot(BusyRegistry(), "registry")
    directory.boot(updates.UpdatesActor(revision="new", auto=True, directory=directory, clock=clock), "updates")
    scan = directory.actor("updates")
    try:
        until(lambda: directory.actor("registry").asked)
        assert not scan.ended.done
        until(lambda: clock.advance(updates.RETRY_SECONDS) or scan.ended.done, "the scan is made again")
        assert scan.ended.get().orderly
    finally:
        directory.stop("registry")
