"""Reminders: fire once, in order, never early, and an agent cannot flood the host with them."""

import pytest

from actors.deadlines import Deadline
from actors.scheduler import api, limits
from actors.scheduler.actor import BATCH_PAUSE_SECONDS, RETRY_MS, SchedulerActor
from actors.scheduler.due_queue import DueQueue
from actors.scheduler.queries import Pending
from actors.store import api as store
from actors.supervision import AskTimeout
from harness.wire.agent_api import MAX_BODY_BYTES
from harness.wire.errors import HiveError
from tests.actors.components import Components


@pytest.fixture
def components(tmp_path):
    (tmp_path / "state").mkdir()
    components = Components(tmp_path, "alice", "bob")
    start(components)
    yield components
    components.close()


def start(components, **options):
    actor = SchedulerActor(
        directory=components.directory,
        clock=components.clock,
        state_dir=lambda _agent: components.folder / "state",
        **options,
    )
    components.boot("scheduler", actor)


def remind(components, text="look", seconds=60.0, agent="alice"):
    return api.remind_at(
        components.directory, agent=agent, message=text, due_at_ms=components.clock.now_ms() + round(seconds * 1000)
    )


def pass_time(components, seconds, looks=6):
    components.clock.advance(seconds)
    for _ in range(looks):
        components.clock.advance(BATCH_PAUSE_SECONDS)
        components.directory.ask("scheduler", "are you done?", timeout=30)


def test_a_reminder_comes_as_mail_from_reminder_at_its_moment_and_not_before(components):
    remind(components)
    pass_time(components, 59.9)
    assert components.mail("alice") == []
    pass_time(components, 0.2)
    [message] = components.mail("alice")
    assert (message.from_, message.body, message.kind) == ("reminder", "look", "reminder")
    assert api.pending(components.directory) == []
    assert api.delivered_since(components.directory, 0) == {"alice": (1, 1)}


def test_a_reminder_whose_batch_got_no_answer_is_not_lost(components, monkeypatch):
    remind(components)
    real, failures = store.read, [AskTimeout("store", 10.0)]

    def read(directory, query, *rest):
        if failures:
            raise failures.pop()
        return real(directory, query, *rest)

    monkeypatch.setattr("actors.scheduler.actor.store.read", read)
    pass_time(components, 61)
    assert not failures
    assert components.mail("alice") == []
    pass_time(components, RETRY_MS / 1000)
    assert [message.body for message in components.mail("alice")] == ["look"]


def test_reminders_due_together_go_in_order_once_each(components):
    texts = [remind(components, f"{n:02}", 60 - n, agent="alice" if n % 2 else "bob").message for n in range(20)]
    pass_time(components, 3600, looks=12)
    got = [message.body for name in ("alice", "bob") for message in components.mail(name)]
    assert got == [*texts[1::2][::-1], *texts[0::2][::-1]]
    assert components.mail("alice") == []


def test_a_reminder_survives_a_restart_and_one_that_came_due_meanwhile_fires_once(components):
    remind(components)
    components.stop("scheduler")
    components.clock.advance(86_400)
    start(components)
    pass_time(components, 0)
    pass_time(components, 86_400)
    assert len(components.mail("alice")) == 1


def test_a_reminder_for_a_moment_that_has_passed_fires_now(components):
    remind(components, seconds=-5)
    pass_time(components, 0)
    assert len(components.mail("alice")) == 1


def test_a_long_text_becomes_a_file_of_the_agent(components):
    remind(components, "x" * 10_000)
    pass_time(components, 61)
    [message] = components.mail("alice")
    assert "reminders/1.md" in message.body
    assert len(message.body) < 500
    assert (components.folder / "state/reminders/1.md").read_text() == "x" * 10_000


def test_a_link_in_the_place_of_the_folder_is_not_followed_and_the_error_shows(components):
    outside = components.folder / "outside"
    outside.mkdir()
    (components.folder / "state/reminders").symlink_to(outside)
    number = remind(components, "x" * 10_000).id
    pass_time(components, 61)
    [pending] = api.pending(components.directory)
    assert (pending.attempts, pending.last_error) == (1, "reminders in the agent's state dir is no folder")
    assert list(outside.iterdir()) == []
    (components.folder / "state/reminders").unlink()
    api.retry(components.directory, number)
    pass_time(components, 0)
    assert len(components.mail("alice")) == 1


def test_attempts_end_and_the_reminder_stays_with_its_error_until_the_operator_decides(components):
    (components.folder / "state/reminders").write_text("in the way")
    number = remind(components, "x" * 10_000).id
    for _ in range(8):
        pass_time(components, 2000)
    [pending] = api.pending(components.directory)
    assert pending.attempts == 5
    api.cancel(components.directory, number)
    assert api.pending(components.directory) == []


def test_only_the_owner_and_the_operator_cancel(components):
    number = remind(components).id
    with pytest.raises(HiveError, match="no pending reminder"):
        api.cancel(components.directory, number, owner="bob")
    api.cancel(components.directory, number, owner="alice")
    with pytest.raises(HiveError, match="no pending reminder"):
        api.cancel(components.directory, number)
    pass_time(components, 100)
    assert components.mail("alice") == []


def test_a_burst_is_refused_with_the_seconds_after_which_it_works(components):
    for _ in range(20):
        remind(components)
    with pytest.raises(HiveError) as refusal:
        remind(components)
    assert refusal.value.code == "rate_limited"
    components.clock.advance(refusal.value.retry_after_seconds)
    remind(components)
    remind(components, agent="bob")


def test_the_cap_on_what_waits_is_refused_until_one_has_gone():
    allowed = limits.Limits(pending=1)
    with pytest.raises(HiveError) as refusal:
        limits.take(limits.full(allowed, 0.0), allowed, 0.0, 1, 12.0)
    assert (refusal.value.code, refusal.value.retry_after_seconds) == ("rate_limited", 12.0)


def test_a_queue_gives_the_due_reminders_in_order_and_skips_moved_and_removed_ones():
    queue = DueQueue([at(30, 1, "a"), at(10, 2, "a"), at(20, 3, "b")])
    queue.add(at(5, 1, "a"))
    queue.remove(3)
    assert queue.left_ms(0, 0) == 5
    assert [one.id for one in queue.take(100, 0, 10)] == [1, 2]
    assert (len(queue), queue.left_ms(0, 0), queue.of("a")) == (0, None, [])


def test_a_queue_takes_the_longest_overdue_first_whichever_clock_it_goes_by():
    queue = DueQueue([at(1_000_030, 1, "a"), after(10, 2, "a"), at(1_000_020, 3, "b"), after(40, 4, "b")])
    assert queue.left_ms(1_000_000, 0) == 10
    assert [one.id for one in queue.take(1_000_035, 35, 10)] == [2, 3, 1]
    assert queue.left_ms(1_000_035, 35) == 5


def at(moment, number, agent):
    return Pending(number, agent, Deadline(moment))


def after(running, number, agent):
    return Pending(number, agent, Deadline(0, running, running, "boot"))


def test_the_reminders_of_a_destroyed_agent_go(components):
    remind(components), remind(components, agent="bob")
    api.abandon(components.directory, "alice")
    components.directory.ask("scheduler", "are you done?")
    assert [one.agent for one in api.pending(components.directory)] == ["bob"]


def test_a_text_longer_than_a_message_may_be_is_refused(components):
    with pytest.raises(HiveError, match="bytes"):
        remind(components, "x" * (MAX_BODY_BYTES + 1))
