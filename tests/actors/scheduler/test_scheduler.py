"""Reminders: fire once, in order, never early, and an agent cannot flood the host with them."""

import pytest

from actors.scheduler import api, limits
from actors.scheduler.actor import BATCH_PAUSE_SECONDS, SchedulerActor
from actors.scheduler.due_queue import DueQueue
from actors.scheduler.queries import Due
from harness.wire.errors import HiveError
from tests.actors.rooms import Rooms


@pytest.fixture
def rooms(tmp_path):
    (tmp_path / "state").mkdir()
    rooms = Rooms(tmp_path, "alice", "bob")
    start(rooms)
    yield rooms
    rooms.close()


def start(rooms, **options):
    actor = SchedulerActor(
        directory=rooms.directory, clock=rooms.clock, state_dir=lambda _agent: rooms.folder / "state", **options
    )
    rooms.boot("scheduler", actor)


def remind(rooms, text="look", seconds=60.0, agent="alice"):
    return api.remind(
        rooms.directory, agent=agent, message=text, due_at_ms=rooms.clock.now_ms() + round(seconds * 1000)
    )


def pass_time(rooms, seconds, looks=6):
    rooms.clock.advance(seconds)
    for _ in range(looks):
        rooms.clock.advance(BATCH_PAUSE_SECONDS)
        rooms.directory.ask("scheduler", "are you done?", timeout=30)


def test_a_reminder_comes_as_mail_from_reminder_at_its_moment_and_not_before(rooms):
    remind(rooms)
    pass_time(rooms, 59.9)
    assert rooms.mail("alice") == []
    pass_time(rooms, 0.2)
    [message] = rooms.mail("alice")
    assert (message.from_, message.body, message.kind) == ("reminder", "look", "reminder")
    assert api.pending(rooms.directory) == []
    assert api.delivered_since(rooms.directory, 0) == {"alice": (1, 1)}


def test_reminders_due_together_go_in_order_once_each(rooms):
    texts = [remind(rooms, f"{n:02}", 60 - n, agent="alice" if n % 2 else "bob").message for n in range(20)]
    pass_time(rooms, 3600, looks=12)
    got = [message.body for name in ("alice", "bob") for message in rooms.mail(name)]
    assert got == [*texts[1::2][::-1], *texts[0::2][::-1]]
    assert rooms.mail("alice") == []


def test_a_reminder_survives_a_restart_and_one_that_came_due_meanwhile_fires_once(rooms):
    remind(rooms)
    rooms.stop("scheduler")
    rooms.clock.advance(86_400)
    start(rooms)
    pass_time(rooms, 0)
    pass_time(rooms, 86_400)
    assert len(rooms.mail("alice")) == 1


def test_a_reminder_for_a_moment_that_has_passed_fires_now(rooms):
    remind(rooms, seconds=-5)
    pass_time(rooms, 0)
    assert len(rooms.mail("alice")) == 1


def test_a_long_text_becomes_a_file_of_the_agent(rooms):
    remind(rooms, "x" * 10_000)
    pass_time(rooms, 61)
    [message] = rooms.mail("alice")
    assert "reminders/1.md" in message.body
    assert len(message.body) < 500
    assert (rooms.folder / "state/reminders/1.md").read_text() == "x" * 10_000


def test_a_link_in_the_place_of_the_folder_is_not_followed_and_the_error_shows(rooms):
    outside = rooms.folder / "outside"
    outside.mkdir()
    (rooms.folder / "state/reminders").symlink_to(outside)
    number = remind(rooms, "x" * 10_000).id
    pass_time(rooms, 61)
    [pending] = api.pending(rooms.directory)
    assert (pending.attempts, pending.last_error) == (1, "reminders in the agent's state dir is no folder")
    assert list(outside.iterdir()) == []
    (rooms.folder / "state/reminders").unlink()
    api.retry(rooms.directory, number)
    pass_time(rooms, 0)
    assert len(rooms.mail("alice")) == 1


def test_attempts_end_and_the_reminder_stays_with_its_error_until_the_operator_decides(rooms):
    (rooms.folder / "state/reminders").write_text("in the way")
    number = remind(rooms, "x" * 10_000).id
    for _ in range(8):
        pass_time(rooms, 2000)
    [pending] = api.pending(rooms.directory)
    assert pending.attempts == 5
    api.cancel(rooms.directory, number)
    assert api.pending(rooms.directory) == []


def test_only_the_owner_and_the_operator_cancel(rooms):
    number = remind(rooms).id
    with pytest.raises(HiveError, match="no pending reminder"):
        api.cancel(rooms.directory, number, owner="bob")
    api.cancel(rooms.directory, number, owner="alice")
    with pytest.raises(HiveError, match="no pending reminder"):
        api.cancel(rooms.directory, number)
    pass_time(rooms, 100)
    assert rooms.mail("alice") == []


def test_a_burst_is_refused_with_the_seconds_after_which_it_works(rooms):
    for _ in range(20):
        remind(rooms)
    with pytest.raises(HiveError) as refusal:
        remind(rooms)
    assert refusal.value.code == "rate_limited"
    rooms.clock.advance(refusal.value.retry_after_seconds)
    remind(rooms)
    remind(rooms, agent="bob")


def test_the_cap_on_what_waits_is_refused_until_one_has_gone():
    allowed = limits.Limits(pending=1)
    with pytest.raises(HiveError) as refusal:
        limits.take(limits.full(allowed, 0.0), allowed, 0.0, 1, 12.0)
    assert (refusal.value.code, refusal.value.retry_after_seconds) == ("rate_limited", 12.0)


def test_a_calendar_gives_what_is_due_in_order_and_forgets_what_was_moved_or_removed():
    calendar = DueQueue([Due(30, 1, "a"), Due(10, 2, "a"), Due(20, 3, "b")])
    calendar.add(Due(5, 1, "a"))
    calendar.remove(3)
    assert calendar.first_at() == 5
    assert [due.id for due in calendar.take(100, 10)] == [1, 2]
    assert (len(calendar), calendar.first_at(), calendar.of("a")) == (0, None, [])


def test_the_reminders_of_a_destroyed_agent_go(rooms):
    remind(rooms), remind(rooms, agent="bob")
    api.abandon(rooms.directory, "alice")
    rooms.directory.ask("scheduler", "are you done?")
    assert [one.agent for one in api.pending(rooms.directory)] == ["bob"]


def test_a_text_longer_than_a_message_may_be_is_refused(rooms):
    with pytest.raises(HiveError, match="bytes"):
        remind(rooms, "x" * 65_537)
