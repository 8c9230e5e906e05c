"""Disk quotas in a whole hive: the warning, the pause with its reason, and how it ends."""

import pytest

from actors.agent.registry import api as agents
from actors.broker import api as broker
from actors.quotas import api
from actors.quotas.sent_mail import SentMail
from tests.actors.whole_hive import WholeHive
from tests.waiting import until

MEBIBYTE = 1024**2


@pytest.fixture
def hive():
    hive = WholeHive()
    hive.settle_in(["alice", "bob"])
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


@pytest.mark.slow
def test_mail_that_an_agent_has_sent_counts_to_its_disk_and_is_named(hive):
    with hive.agent("alice") as alice, hive.agent("bob") as bob:
        for _ in range(3):
            assert bob.ask("send", to="alice", body="b" * 60_000)["ok"]
        for number in range(60):
            verb = (
                {"cmd": "send", "to": ("self", "operator", "bob")[number % 3]}
                if number % 4
                else {"cmd": "wake", "from": "me"}
            )
            assert alice.ask(**verb, body="x" * 60_000)["ok"]
        api.turn_ended(hive.directory, "alice")
        until(lambda: (row(hive).disk_bytes or 0) > 60 * 60_000, "it is measured")
        assert row(hive).disk_bytes < 64 * 60_000
        for _ in range(115):
            assert alice.ask("send", to="self", body="x" * 60_000)["ok"]
        api.turn_ended(hive.directory, "alice")
        until(lambda: row(hive).paused, "it is paused")
        assert "of which mail it has sent" in row(hive).note
        assert alice.ask("send", to="self", body="more")["code"] == "conflict"
        assert not agents.row(hive.directory, "bob").paused


def test_the_next_owner_of_a_name_does_not_pay_for_the_mail_of_the_one_before(hive):
    mail = SentMail(hive.directory, hive.app.clock)
    with hive.agent("alice") as alice, hive.host() as host:
        assert alice.ask("send", to="operator", body="x" * 1_000)["ok"]
        assert mail.of("alice") > 1_000
        assert host.ask("destroy", name="alice")["ok"]
        assert host.ask("purge_tombstone", name="alice")["ok"]
    broker.begin_generation(hive.directory, "alice")
    mail.forget()
    assert mail.of("alice") == 0
