"""What is put off stays off until its moment, its change or a word; how long decisions were waited for is kept."""

import pytest

from actors.store import api as store
from actors.triage import api as triage
from actors.triage.actor import TriageActor
from actors.triage.api import AnsweredNeed, Snooze
from actors.triage.latency import Latency, latency
from actors.triage.queries import DAY_MS, KEEP_DAYS
from harness.wire.errors import HiveError
from tests.actors.components import Components

HOUR_MS = 3_600_000


class Hive(Components):
    def __init__(self, folder):
        super().__init__(folder)
        self.start()

    def start(self):
        self.boot(triage.TRIAGE, TriageActor(directory=self.directory, clock=self.clock))

    def restart(self):
        self.stop(triage.TRIAGE)
        self.start()

    def decide(self, waited_ms, key="approval-1"):
        now = self.clock.now_ms()
        triage.answered(
            self.directory, [AnsweredNeed(key, "approval", "bob", "approve", needed_ms=now - waited_ms, decided_ms=now)]
        )

    def latency(self):
        self.directory.ask(triage.TRIAGE, "are you done?")
        store.wait_for_writes(self.directory)
        return triage.latency(self.directory, self.clock.now_ms())


@pytest.fixture
def hive(tmp_path):
    hive = Hive(tmp_path)
    yield hive
    hive.close()


def test_what_is_put_off_stays_off_through_a_restart_and_is_shown_again_on_a_word(hive):
    triage.snooze(hive.directory, "stuck-bob", "m1", None)
    assert triage.snoozes(hive.directory) == {"stuck-bob": Snooze("stuck-bob", "m1", None)}
    hive.restart()
    assert triage.snoozes(hive.directory) == {"stuck-bob": Snooze("stuck-bob", "m1", None)}
    triage.wake(hive.directory, "stuck-bob")
    hive.restart()
    assert triage.snoozes(hive.directory) == {}
    assert [one["put_off"] for one in hive.emitted("needs")] == [1, 0]


def test_it_is_shown_at_its_moment_and_pages_are_told(hive):
    triage.snooze(hive.directory, "a", "m", hive.clock.now_ms() + HOUR_MS)
    triage.snooze(hive.directory, "b", "m", hive.clock.now_ms() + 2 * HOUR_MS)
    hive.clock.advance(3_601)
    assert list(triage.snoozes(hive.directory)) == ["b"]
    assert [one["put_off"] for one in hive.emitted("needs")] == [1, 2, 1]


def test_one_whose_moment_came_while_no_daemon_ran_is_shown(hive):
    triage.snooze(hive.directory, "a", "m", hive.clock.now_ms() + HOUR_MS)
    hive.stop(triage.TRIAGE)
    hive.clock.advance(3_601)
    hive.start()
    assert triage.snoozes(hive.directory) == {}


def test_one_that_is_put_off_twice_has_the_second_moment(hive):
    triage.snooze(hive.directory, "a", "m", hive.clock.now_ms() + HOUR_MS)
    triage.snooze(hive.directory, "a", "n", None)
    hive.clock.advance(7_200)
    assert triage.snoozes(hive.directory) == {"a": Snooze("a", "n", None)}


def test_a_moment_that_is_over_is_refused_and_an_unknown_item_cannot_be_shown_again(hive):
    with pytest.raises(HiveError, match="that moment is over"):
        triage.snooze(hive.directory, "a", "m", hive.clock.now_ms())
    with pytest.raises(HiveError, match="put off"):
        triage.wake(hive.directory, "a")


def test_the_latency_is_counted_over_the_last_days_and_survives_a_restart(hive):
    for minutes in (1, 2, 3, 4, 5, 6, 7, 8, 9, 100):
        hive.decide(minutes * 60_000)
    assert hive.latency() == Latency(10, 5 * 60_000, 9 * 60_000)
    hive.restart()
    assert hive.latency().count == 10
    hive.clock.advance(31 * DAY_MS / 1000)
    assert hive.latency() == Latency(0, None, None)


def test_what_is_too_old_is_dropped_with_the_next_decision(hive):
    hive.decide(1)
    hive.latency()
    hive.clock.advance((KEEP_DAYS + 1) * DAY_MS / 1000)
    hive.decide(2)
    hive.latency()
    count = store.read(hive.directory, lambda connection: connection.execute("SELECT count(*) FROM answered_needs"))
    assert count.fetchone() == (1,)


@pytest.mark.parametrize(
    ("durations", "median", "p90"),
    [([], None, None), ([7], 7, 7), ([1, 9], 1, 9), ([1, 2, 3], 2, 3), (list(range(1, 101)), 50, 90)],
)
def test_a_percentile_is_a_duration_that_was_measured(durations, median, p90):
    assert latency(durations) == Latency(len(durations), median, p90)
