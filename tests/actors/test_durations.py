"""Durations go by running time: a laptop that slept, a clock that was set and a daemon that was away change nothing."""

import pytest

from actors.deadlines import Deadline
from actors.questions import api as questions
from actors.questions.actor import QuestionsActor
from actors.scheduler import api as scheduler
from actors.scheduler.actor import BATCH_PAUSE_SECONDS, SchedulerActor
from actors.store import api as store
from actors.supervision import FakeClock, Promise
from harness.wire.errors import unavailable
from harness.wire.times import to_ms
from tests.actors.components import Components

EIGHT_HOURS = 8 * 3600.0
HOUR_MS = 3_600_000

JUMPS = {
    "the machine slept": lambda clock: clock.suspend(EIGHT_HOURS),
    "the clock was set forward": lambda clock: clock.step_wall(EIGHT_HOURS),
    "the clock was set back": lambda clock: clock.step_wall(-EIGHT_HOURS),
}


@pytest.fixture(params=JUMPS)
def jump(request):
    return JUMPS[request.param]


@pytest.fixture
def components(tmp_path):
    components = Components(tmp_path, "alice", "bob")
    start(components)
    yield components
    components.close()


def start(components):
    owned = {"directory": components.directory, "clock": components.clock}
    components.boot("scheduler", SchedulerActor(**owned, state_dir=lambda _agent: None))
    components.boot("questions", QuestionsActor(**owned))


def restart(components, while_down=lambda _clock: None):
    components.stop("questions")
    components.stop("scheduler")
    while_down(components.clock)
    start(components)


def remind_in_an_hour(components):
    return scheduler.remind_after(components.directory, agent="alice", message="look", delay_seconds=3600.0)


def ask_for_an_hour(components):
    return questions.ask(components.directory, asker="alice", target="operator", question="?", ttl_seconds=3600)


def pass_time(components, seconds):
    components.clock.advance(seconds)
    for _ in range(4):
        components.clock.advance(BATCH_PAUSE_SECONDS)
        for name in ("scheduler", "questions"):
            components.directory.ask(name, "are you done?", timeout=30)


def bodies(components):
    return [message.body for message in components.mail("alice")]


def shown_left_ms(components):
    """What an operator sees: how long it is until the reminder is due and until the question expires."""
    [reminder], [question] = scheduler.pending(components.directory), questions.pending(components.directory)
    return [to_ms(moment) - components.clock.now_ms() for moment in (reminder.due_at, question.deadline_at)]


def both_end_after(components, seconds):
    """Nothing has happened shortly before, and both shortly after."""
    pass_time(components, seconds - 1)
    assert bodies(components) == []
    assert len(questions.pending(components.directory)) == 1
    pass_time(components, 2)
    first, second = sorted(bodies(components), key=len)
    assert first == "look"
    assert '"outcome":"expired"' in second.replace(" ", "")
    assert questions.pending(components.directory) == scheduler.pending(components.directory) == []


def test_a_reminder_and_a_question_last_so_much_running_time(components, jump):
    remind_in_an_hour(components), ask_for_an_hour(components)
    pass_time(components, 600)
    jump(components.clock)
    both_end_after(components, 3000)


def test_what_is_shown_follows_the_clock_within_a_minute(components, jump):
    remind_in_an_hour(components), ask_for_an_hour(components)
    jump(components.clock)
    pass_time(components, 61)
    assert all(abs(left - (HOUR_MS - 61_000)) < 1_000 for left in shown_left_ms(components))


def test_a_daemon_that_was_away_counts_what_ran_meanwhile_and_no_jump(components, jump):
    remind_in_an_hour(components), ask_for_an_hour(components)

    def away(clock):
        clock.advance(1000)
        jump(clock)

    restart(components, away)
    assert all(abs(left - (HOUR_MS - 1_000_000)) < 1_000 for left in shown_left_ms(components))
    both_end_after(components, 2600)


def test_what_has_run_out_while_the_daemon_was_away_ends_at_its_start(components):
    remind_in_an_hour(components), ask_for_an_hour(components)
    restart(components, lambda clock: clock.advance(4000))
    pass_time(components, 1)
    assert len(bodies(components)) == 2


def test_after_another_boot_the_clock_says_what_is_left(components):
    remind_in_an_hour(components), ask_for_an_hour(components)

    def boot_again(clock):
        clock.step_wall(1200)  # the machine was off
        clock.reboot()

    restart(components, boot_again)
    both_end_after(components, 2400)


def test_after_another_boot_with_a_clock_that_was_set_back_it_is_at_most_the_whole(components):
    remind_in_an_hour(components), ask_for_an_hour(components)

    def boot_again(clock):
        clock.step_wall(-EIGHT_HOURS)
        clock.reboot()

    restart(components, boot_again)
    both_end_after(components, 3600)


def test_a_disk_that_refuses_keeps_neither_component_from_starting_nor_a_deadline_from_its_moment(
    components, monkeypatch
):
    remind_in_an_hour(components), ask_for_an_hour(components)

    def boot_again_on_a_full_disk(clock):
        clock.step_wall(1200)
        clock.reboot()
        monkeypatch.setattr(store, "write", refused)

    restart(components, boot_again_on_a_full_disk)
    pass_time(components, 120)
    monkeypatch.undo()
    pass_time(components, 120)
    assert all(abs(left - (HOUR_MS - 1_440_000)) < 2_000 for left in shown_left_ms(components))
    both_end_after(components, 2160)


def refused(*_args):
    promise = Promise()
    promise.fail(unavailable("the disk is full"))
    return promise


def test_a_reminder_for_a_moment_goes_by_the_clock(components):
    at = components.clock.now_ms() + HOUR_MS
    for _ in range(2):
        scheduler.remind_at(components.directory, agent="alice", message="look", due_at_ms=at)
        at += round(EIGHT_HOURS) * 1000
    components.clock.suspend(EIGHT_HOURS)
    pass_time(components, 61)  # a sleep is noticed within a minute
    assert bodies(components) == ["look"]
    components.clock.step_wall(-EIGHT_HOURS)
    pass_time(components, 8 * 3600)
    assert bodies(components) == []
    pass_time(components, 2 * 3600)
    assert bodies(components) == ["look"]


@pytest.mark.slow
def test_the_pauses_between_tries_of_a_reminder_are_running_time(tmp_path, jump):
    components = Components(tmp_path, "alice")
    (tmp_path / "state").mkdir()
    (tmp_path / "state/reminders").write_text("in the way")
    owned = {"directory": components.directory, "clock": components.clock}
    components.boot("scheduler", SchedulerActor(**owned, state_dir=lambda _agent: tmp_path / "state"))
    components.boot("questions", QuestionsActor(**owned))
    scheduler.remind_after(components.directory, agent="alice", message="x" * 10_000, delay_seconds=0)
    pass_time(components, 1)
    jump(components.clock)
    for seconds, attempts in ((58, 1), (3, 2), (115, 2), (5, 3)):
        pass_time(components, seconds)
        assert scheduler.pending(components.directory)[0].attempts == attempts
    components.close()


def test_the_deadlines_of_a_state_of_before_go_by_the_clock():
    clock = FakeClock()
    before = Deadline(clock.now_ms() + 1000)
    clock.suspend(2.0)
    assert before.resumed(clock) is before
    assert before.left_ms(clock) == -1000
