"""Disk quotas in a whole hive: the warning, the pause with its reason, and how it ends."""

import pytest

from actors.agent.registry import api as agents
from actors.quotas import api
from tests.actors.whole_hive import WholeHive
from tests.waiting import until

MEBIBYTE = 1024**2


@pytest.fixture
def hive():
    hive = WholeHive()
    hive.settle_in(["alice"])
    hive.paths = hive.app.agents.workspace.of("alice")
    hive.paths.applied_config.write_text("[limits]\ndisk = '10M'\n")
    yield hive
    hive.remove()


def row(hive):
    return agents.row(hive.directory, "alice")


def fill(hive, mebibytes):
    (hive.paths.state / "data").write_bytes(b"x" * mebibytes * MEBIBYTE)
    api.turn_ended(hive.directory, "alice")


@pytest.mark.slow
def test_an_agent_is_told_at_80_percent_and_paused_at_its_limit(hive):
    fill(hive, 9)
    until(lambda: row(hive).pending, "it is told")
    assert not row(hive).paused
    fill(hive, 11)
    until(lambda: row(hive).paused, "it is paused")
    assert "11M of 10M" in row(hive).note
    assert row(hive).disk_bytes >= 11 * MEBIBYTE


def test_the_pause_survives_the_daemon_and_ends_when_the_limit_is_raised(hive):
    fill(hive, 11)
    until(lambda: row(hive).paused, "it is paused")
    hive.close()
    hive.open()
    assert "disk quota" in row(hive).note
    hive.paths.applied_config.write_text("[limits]\ndisk = '100M'\n")
    api.turn_ended(hive.directory, "alice")
    until(lambda: not row(hive).paused, "it is resumed")
    assert row(hive).note is None


def test_a_person_who_resumes_it_gives_it_one_turn(hive):
    fill(hive, 11)
    until(lambda: row(hive).paused, "it is paused")
    agents.set_paused(hive.directory, "alice", paused=False)
    assert row(hive).note is None
    api.turn_ended(hive.directory, "alice")
    until(lambda: row(hive).paused, "it is paused again")


@pytest.mark.slow
def test_a_pause_of_a_person_stays_a_persons(hive):
    agents.set_paused(hive.directory, "alice", paused=True)
    fill(hive, 11)
    until(lambda: row(hive).disk_bytes, "it is measured")
    assert row(hive).note is None
    fill(hive, 1)
    until(lambda: row(hive).disk_bytes < 5 * MEBIBYTE, "it is measured again")
    assert row(hive).paused
