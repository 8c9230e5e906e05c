"""What senders feel while 10,000 reminders that came due at the same moment are delivered.

`python -m tests.bench.bench_reminders` prints JSON: the latency of durable sends before and meanwhile. They are offered at a
fixed pace whatever becomes of those before: nobody waits politely. The ratio is that of the p99 of a usual second (the
median of all seconds'), because a disk that stops for a moment now and then does so with or without reminders.
"""

import json
import statistics
import tempfile
import time
from pathlib import Path

import gevent

from actors.broker import api as broker
from actors.scheduler.actor import SchedulerActor
from actors.scheduler.api import SCHEDULER
from actors.scheduler.messages import GetCounts
from actors.store import api as store
from actors.supervision import SystemClock
from tests.actors.components import Components
from tests.bench.load import percentile

REMINDERS = 10_000
AGENTS = [f"a{n}" for n in range(50)]
QUIET_SENDS = 6_000
PACE = 500
"""Sends a second."""


def run():
    with tempfile.TemporaryDirectory() as folder:
        rooms = Components(Path(folder), *AGENTS)
        try:
            quiet = _offered(rooms, lambda sent: sent < QUIET_SENDS)
            _insert(rooms)
            began = time.monotonic()
            rooms.boot("scheduler", _scheduler(rooms))
            meanwhile = _offered(rooms, lambda sent: sent % 20 or _waiting(rooms))
            took = time.monotonic() - began
        finally:
            rooms.close()
    return {
        "reminders": REMINDERS,
        "delivered_in_seconds": round(took, 2),
        "quiet": _figures(quiet),
        "meanwhile": _figures(meanwhile),
        "p99_ratio": round(_usual_p99(meanwhile) / _usual_p99(quiet), 2),
    }


def _offered(rooms, goes_on):
    """Milliseconds of each send, as long as `goes_on(how many so far)`."""
    took, sends, due, sent = [], [], time.perf_counter(), 0
    while goes_on(sent):
        due, sent = due + 1 / PACE, sent + 1
        early = due - time.perf_counter()
        gevent.sleep(max(0.0, early))  # not to wait for anything: to keep the pace
        # A timer that is late is not the hive's latency; what is behind its pace counts from when it was due.
        sends.append(gevent.spawn(_send, rooms, time.perf_counter() if early > 0 else due, took))
    gevent.joinall(sends, raise_error=True)
    return took


def _scheduler(rooms):
    return SchedulerActor(directory=rooms.directory, clock=SystemClock(), state_dir=lambda _: rooms.folder)


def _insert(rooms):
    now = SystemClock().now_ms()
    rows = [(n + 1, AGENTS[n % len(AGENTS)], f"reminder {n}", now - 1, now - 1) for n in range(REMINDERS)]

    def unit(connection):
        connection.executemany(
            "INSERT INTO reminders (id, agent, message, due_at, created_at) VALUES (?, ?, ?, ?, ?)", rows
        )

    store.write(rooms.directory, unit).get(timeout=30)


def _waiting(rooms):
    return rooms.directory.ask(SCHEDULER, GetCounts(), 5.0)


def _send(rooms, due, took):
    broker.send(rooms.directory, sender="a0", to="operator", body="x" * 200)
    took.append((time.perf_counter() - due) * 1000)


def _figures(took):
    return {
        "sends": len(took),
        "p50_ms": round(percentile(took, 0.5), 3),
        "p99_ms": round(percentile(took, 0.99), 3),
        "p99_of_a_second_ms": round(_usual_p99(took), 3),
    }


def _usual_p99(took):
    return statistics.median(percentile(took[at : at + PACE], 0.99) for at in range(0, len(took) - PACE + 1, PACE))


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
