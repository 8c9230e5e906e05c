"""The latency of sends while 10,000 reminders that came due at the same moment are delivered.

`python -m tests.bench.bench_reminders` prints JSON: the latency of durable sends before and meanwhile. Sends
start at a fixed pace, also when earlier ones are not done. The ratio is that of the p99 of a usual second (the median
of all seconds'), because a disk that stops for a moment now and then does so with or without reminders.
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
        components = Components(Path(folder), *AGENTS)
        try:
            quiet = _offered(components, lambda sent: sent < QUIET_SENDS)
            _insert(components)
            began = time.monotonic()
            components.boot("scheduler", _scheduler(components))
            meanwhile = _offered(components, lambda sent: sent % 20 or _waiting(components))
            took = time.monotonic() - began
        finally:
            components.close()
    return {
        "reminders": REMINDERS,
        "delivered_in_seconds": round(took, 2),
        "quiet": _figures(quiet),
        "meanwhile": _figures(meanwhile),
        "p99_ratio": round(_usual_p99(meanwhile) / _usual_p99(quiet), 2),
    }


def _offered(components, goes_on):
    """Milliseconds of each send, as long as `goes_on(how many so far)`."""
    took, sends, due, sent = [], [], time.perf_counter(), 0
    while goes_on(sent):
        due, sent = due + 1 / PACE, sent + 1
        early = due - time.perf_counter()
        gevent.sleep(max(0.0, early))  # not to wait for anything: to keep the pace
        # A timer that is late is not the hive's latency; what is behind its pace counts from when it was due.
        sends.append(gevent.spawn(_send, components, time.perf_counter() if early > 0 else due, took))
    gevent.joinall(sends, raise_error=True)
    return took


def _scheduler(components):
    return SchedulerActor(directory=components.directory, clock=SystemClock(), state_dir=lambda _: components.folder)


def _insert(components):
    now = SystemClock().now_ms()
    rows = [(n + 1, AGENTS[n % len(AGENTS)], f"reminder {n}", now - 1, now - 1) for n in range(REMINDERS)]

    def unit(connection):
        connection.executemany(
            "INSERT INTO reminders (id, agent, message, due_at, created_at) VALUES (?, ?, ?, ?, ?)", rows
        )

    store.write(components.directory, unit).get(timeout=30)


def _waiting(components):
    return components.directory.ask(SCHEDULER, GetCounts(), 5.0)


def _send(components, due, took):
    broker.send(components.directory, sender="a0", to="operator", body="x" * 200)
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
