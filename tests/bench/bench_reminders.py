"""What a sender feels while 10,000 reminders that came due at the same moment are delivered.

`python -m tests.bench.bench_reminders` prints JSON: the latency of a durable send before and meanwhile.
"""

import json
import tempfile
import time
from pathlib import Path

from actors.broker import api as broker
from actors.scheduler.actor import SchedulerActor
from actors.store import api as store
from actors.supervision import SystemClock
from tests.actors.rooms import Rooms
from tests.bench.load import percentile

REMINDERS = 10_000
AGENTS = [f"a{n}" for n in range(50)]
QUIET_SENDS = 2_000


def run():
    with tempfile.TemporaryDirectory() as folder:
        rooms = Rooms(Path(folder), *AGENTS)
        try:
            quiet = [_send(rooms) for _ in range(QUIET_SENDS)]
            _insert(rooms)
            began = time.monotonic()
            rooms.boot("scheduler", _scheduler(rooms))
            meanwhile = []
            while _waiting(rooms):
                meanwhile += [_send(rooms) for _ in range(20)]
            took = time.monotonic() - began
        finally:
            rooms.close()
    return {
        "reminders": REMINDERS,
        "delivered_in_seconds": round(took, 2),
        "quiet": _figures(quiet),
        "meanwhile": _figures(meanwhile),
        "p99_ratio": round(percentile(meanwhile, 0.99) / percentile(quiet, 0.99), 2),
    }


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
    return store.read(
        rooms.directory, lambda c: c.execute("SELECT 1 FROM reminders WHERE sent_at IS NULL LIMIT 1").fetchone()
    )


def _send(rooms):
    began = time.perf_counter()
    broker.send(rooms.directory, sender="a0", to="operator", body="x" * 200)
    return (time.perf_counter() - began) * 1000


def _figures(took):
    return {"sends": len(took), "p50_ms": round(percentile(took, 0.5), 3), "p99_ms": round(percentile(took, 0.99), 3)}


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
