"""Many reminders due at the same moment: in order, once each, and other mail goes on."""

import threading

import pytest

from actors.broker import api as broker
from actors.scheduler.actor import BATCH, BATCH_PAUSE_SECONDS, MAX_TIMER_SECONDS, SchedulerActor
from actors.store import api as store
from tests.actors.components import Components
from tests.torture import count
from tests.waiting import SECONDS

AGENTS = [f"a{n}" for n in range(10)]


def insert(components, number):
    """Reminders that came due while the host was down."""
    now = components.clock.now_ms()
    rows = [(n + 1, AGENTS[n % len(AGENTS)], str(n), now - 1000, now - 2000) for n in range(number)]

    def unit(connection):
        connection.executemany(
            "INSERT INTO reminders (id, agent, message, due_at, created_at) VALUES (?, ?, ?, ?, ?)", rows
        )

    store.write(components.directory, unit).get(timeout=SECONDS)


def start(components):
    components.boot(
        "scheduler",
        SchedulerActor(directory=components.directory, clock=components.clock, state_dir=lambda _: components.folder),
    )


def delivered(connection):
    rows = connection.execute("SELECT recipient, body FROM messages WHERE sender = 'reminder' ORDER BY id")
    return list(rows)


@pytest.mark.torture
def test_all_of_them_come_in_order_and_once_and_mail_between_them_is_not_held_up(tmp_path):
    number = count(quick=1_000, full=10_000)
    components = Components(tmp_path, *AGENTS)
    try:
        insert(components, number)
        start(components)
        between = 0
        while store.read(
            components.directory,
            lambda c: c.execute("SELECT 1 FROM reminders WHERE sent_at IS NULL LIMIT 1").fetchone(),
        ):
            components.clock.advance(BATCH_PAUSE_SECONDS)
            broker.send(components.directory, sender="a0", to="operator", body="meanwhile")
            between += 1
        found = store.read(components.directory, delivered)
        assert found == [(AGENTS[n % len(AGENTS)], str(n)) for n in range(number)]
        assert between > number / 1000
    finally:
        components.close()


def test_what_a_killed_scheduler_had_handed_over_is_not_sent_again_by_the_next_one(tmp_path):
    components = Components(tmp_path, *AGENTS)
    try:
        insert(components, BATCH + 1)
        start(components)
        disk = threading.Event()
        held = store.write(components.directory, lambda _connection: disk.wait(SECONDS))
        components.clock.advance(BATCH_PAUSE_SECONDS)
        kill(components)
        start(components)  # it reads what is due before the commit that is under way
        components.clock.advance(BATCH_PAUSE_SECONDS)
        disk.set()
        assert held.get(timeout=SECONDS)
        components.directory.ask("scheduler", "are you done?", timeout=SECONDS)
        for _ in range(3):
            components.clock.advance(MAX_TIMER_SECONDS)
            components.directory.ask("scheduler", "are you done?", timeout=SECONDS)
        found = store.read(components.directory, delivered)
        assert sorted(int(body) for _, body in found) == list(range(BATCH + 1))
    finally:
        components.close()


def kill(components):
    scheduler = components.directory.actor("scheduler")
    scheduler.kill("in the middle")
    assert scheduler.ended.wait(SECONDS)
    components.names.remove("scheduler")


def test_a_scheduler_that_ends_in_the_middle_sends_none_twice(tmp_path):
    components = Components(tmp_path, *AGENTS)
    try:
        insert(components, 500)
        start(components)
        components.clock.advance(BATCH_PAUSE_SECONDS)
        kill(components)
        start(components)
        for _ in range(500 // BATCH + 10):
            components.clock.advance(BATCH_PAUSE_SECONDS)
            components.directory.ask("scheduler", "are you done?", timeout=30)
        found = store.read(components.directory, delivered)
        assert sorted(int(body) for _, body in found) == list(range(500))
    finally:
        components.close()
