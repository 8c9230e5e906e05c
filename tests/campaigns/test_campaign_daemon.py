"""The daemon is killed again and again under writers and light harnesses: nothing is lost, stuck, or doubled unmarked."""

import contextlib
import fcntl
import random
import threading
import time
from collections import Counter

import psutil
import pytest

from actors.cli.client import DaemonClient
from harness.wire.errors import HiveError
from tests.campaigns.light_hive import LightHive
from tests.torture import FULL, count, seed

AGENTS = [f"a{number}" for number in range(20 if FULL else 6)]
KILLS = count(quick=3, full=500)
WRITERS = 3
STUCK_SECONDS = 2.0 if FULL else 20.0
"""Longer than any delivery takes, on a loaded machine too; a wakeup that was missed costs a whole long poll of 60 s."""
SLACK_FILES = 12


class Writer(threading.Thread):
    """Sends to random agents, a hundred times a second; what was acknowledged is in `acknowledged`."""

    def __init__(self, hive, number):
        super().__init__(daemon=True)
        self.hive, self.dice, self.acknowledged, self.ended = hive, random.Random(number), [], threading.Event()

    def run(self):
        while not self.ended.is_set():
            with contextlib.suppress(HiveError), DaemonClient(self.hive.run / "host.sock") as daemon:
                while not self.ended.is_set():
                    reply = daemon.request("send", to=self.dice.choice(AGENTS), body="work")
                    self.acknowledged.append(reply["id"])
                    self.ended.wait(0.01)
            self.ended.wait(0.01)

    def end(self):
        self.ended.set()
        self.join()


@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_a_daemon_that_is_killed_loses_nothing_and_leaves_nothing_stuck_or_behind():
    dice, over = random.Random(drawn := seed()), threading.Event()
    up = []
    with LightHive() as hive:
        for name in AGENTS:
            hive.ask("spawn", name=name)
        pids = {name: hive.container(name).pid for name in AGENTS}
        began = time.time()
        writers = [Writer(hive, dice.random()) for _ in range(WRITERS)]
        for writer in writers:
            writer.start()
        gaps = []
        for _ in range(KILLS):
            over.wait(dice.random() * 0.6)  # not to wait for anything: to kill at any moment
            hive.kill()
            up.append((began, time.time()))
            gaps.append(hive.start())
            began = time.time()
        for writer in writers:
            writer.end()
        ended = time.monotonic()
        hive.until(hive.drained)
        drained = time.monotonic() - ended
        up.append((began, time.time()))
        assert {name: hive.container(name).pid for name in AGENTS} == pids, "a container was not adopted"
        _check_mail(hive, [id_ for writer in writers for id_ in writer.acknowledged], up)
        assert drained <= STUCK_SECONDS
        files = psutil.Process(hive.daemon.pid).num_fds()
        assert files <= 3 * (len(AGENTS) + 1) + 40 + SLACK_FILES
        assert [one for one in hive.ask("verify")["promises"] if not one["held"]] == []
        _check_nothing_is_left(hive)
    gaps.sort()
    print(
        f"{KILLS} kills, {len(AGENTS)} agents, ready again after {gaps[len(gaps) // 2]:.2f} s, worst {gaps[-1]:.2f} s, seed {drawn}"
    )


def _check_mail(hive, acknowledged, up):
    stored = {one["id"]: one for one in hive.query("SELECT id, sent_at, acked_at, redelivered FROM messages")}
    assert [id_ for id_ in acknowledged if id_ not in stored] == [], "lost"
    assert [id_ for id_ in acknowledged if stored[id_]["acked_at"] is None] == [], "never done"
    waited = {id_: _uptime(up, stored[id_]["sent_at"] / 1000, stored[id_]["acked_at"] / 1000) for id_ in acknowledged}
    assert {id_: seconds for id_, seconds in waited.items() if seconds > STUCK_SECONDS} == {}, "stuck"
    seen = list(hive.deliveries())
    assert set(acknowledged) <= {id_ for id_, _ in seen}, "done without a delivery"
    unmarked = Counter(id_ for id_, redelivered in seen if not redelivered)
    assert [id_ for id_, times in unmarked.items() if times > 1] == [], "doubled without a mark"
    print(
        f"{len(acknowledged)} messages, {sum(marked for _, marked in seen)} offered again, longest {max(waited.values()):.2f} s"
    )


def _uptime(up, since, until):
    """Seconds between two moments during which the daemon was up."""
    return sum(max(0.0, min(until, end) - max(since, begin)) for begin, end in up)


def _check_nothing_is_left(hive):
    hive.remember()
    hive.ask("stop", scope={"agent_names": ["manager", *AGENTS]}, graceful=False)
    assert hive.stop() == 0
    assert hive.leftovers() == []
    assert [str(path) for path in hive.run.rglob("*") if path.is_socket()] == []
    assert [str(path) for path in hive.folder.rglob("*.part")] == []
    for lock in [*hive.state.rglob("*.lock"), *hive.run.rglob("*.lock")]:
        with lock.open("rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
