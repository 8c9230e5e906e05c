"""The daemon is told to end while turns run: kept, they do not notice; stopped, they get their grace; twice, it is at once.

The real daemon, bubblewrap and the real Claude CLI.
"""

import os
import signal
import socket
import subprocess
import time

import pytest

from tests.campaigns.real_hive import ROOT, SECONDS, RealHive
from tests.needs import needs
from tests.torture import count

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROUNDS = count(quick=2, full=20)
SLOW = {"when": "slowly", "steps": [{"say": "Done.", "hang_seconds": 1.5}]}
HOLD = {"when": "for ever", "times": 1, "steps": [{"say": "Too late.", "hang_seconds": 600}]}


@needs("bwrap")
@pytest.mark.torture
def test_an_orderly_restart_disturbs_no_turn():
    with RealHive(SLOW) as hive:
        hive.spawn("alice")
        hive.ids.clear()
        before = {name: (hive.container(name).pid, hive.claude(name)) for name in ("hm1nd", "alice")}
        for number in range(ROUNDS):
            message = hive.send("alice", f"Work slowly on {number}.")
            hive.until_asked(f"slowly on {number}")
            began = time.monotonic()
            assert hive.stop() == 0
            hive.start()
            gap = time.monotonic() - began
            hive.done(message)
            assert not hive.message(message)["redelivered"]
            assert len(hive.openings(f"slowly on {number}")) == 1
            print(f"upgrade restart {number}: the daemon was away for {gap:.2f} s")
        assert hive.container("alice").pid == before["alice"][0]
        assert hive.container("hm1nd").pid == before["hm1nd"][0]
        log = hive.log_tail(200)
        assert "runs on: alice (in a turn" in log
        assert "abandoned" not in log


@needs("bwrap")
def test_a_hive_that_stops_its_agents_lets_the_running_turn_end_and_leaves_nothing():
    with RealHive(SLOW, agents_on_stop="stop", grace_seconds=600) as hive:
        hive.spawn("alice")
        message = hive.send("alice", "Work slowly.")
        hive.until_asked("slowly")
        hive.remember()
        assert (hive.stop(), hive.leftovers()) == (0, [])  # long before the grace is over
        row = hive.message(message)
        assert (bool(row["acked_at"]), row["redelivered"]) == (True, 0)
        assert "abandoned" not in hive.log_tail(100)


@needs("bwrap")
def test_a_turn_that_outlasts_its_grace_is_cut_named_and_offered_again():
    with RealHive(HOLD, agents_on_stop="stop", grace_seconds=1) as hive:
        hive.spawn("alice")
        message = hive.send("alice", "Work for ever.")
        hive.until_asked("for ever")
        hive.remember()
        assert (hive.stop(), hive.leftovers()) == (0, [])
        assert "abandoned: alice (in a turn, " in hive.log_tail(3)
        hive.start()
        hive.done(message)
        assert hive.message(message)["redelivered"]


@needs("bwrap")
def test_a_second_signal_ends_it_at_once():
    with RealHive(HOLD, agents_on_stop="stop", grace_seconds=600) as hive:
        hive.spawn("alice")
        message = hive.send("alice", "Work for ever.")
        hive.until_asked("for ever")
        hive.daemon.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            hive.daemon.wait(1)
        hive.daemon.terminate()
        assert hive.daemon.wait(SECONDS) == 1
        assert not hive.message(message)["acked_at"]
        hive.start()


class Told:
    """The service manager's end of the socket. Heartbeats keep coming, so silence bounds no wait: a deadline does."""

    def __init__(self, folder):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.address = str(folder / "service-manager")
        self.sock.bind(self.address)
        self.lines = []

    def until(self, wanted):
        deadline = time.monotonic() + SECONDS
        while not any(wanted in line for line in self.lines):
            assert self.hears(deadline - time.monotonic()), f"not heard: {wanted!r}, but {self.lines[-5:]}"

    def falls_silent(self, seconds):
        deadline = time.monotonic() + SECONDS
        while self.hears(seconds):
            assert time.monotonic() < deadline, "it goes on talking"

    def hears(self, seconds):
        self.sock.settimeout(max(0.01, seconds))
        try:
            self.lines += self.sock.recv(4096).decode().splitlines()
        except TimeoutError:
            return False
        return True


def test_the_service_manager_hears_of_readiness_status_heartbeats_and_the_end_and_of_no_heartbeat_when_it_hangs():
    with RealHive(runtime="process", agents_on_stop="stop") as hive:
        hive.stop()
        told = Told(hive.folder)
        env = {"PATH": os.environ["PATH"], "HOME": str(hive.folder), "PYTHONPATH": str(ROOT)}
        words = {"NOTIFY_SOCKET": told.address, "WATCHDOG_USEC": "400000"}
        with (hive.folder / "daemon.log").open("ab") as log:
            hive.daemon = subprocess.Popen(hive.argv, env=env | words, stdout=log, stderr=log, start_new_session=True)
        try:
            told.until("READY=1")
            told.until("STATUS=1 agent, 1 running")
            told.until("WATCHDOG=1")
            hive.daemon.send_signal(signal.SIGSTOP)
            told.falls_silent(1.0)
            hive.daemon.send_signal(signal.SIGCONT)
            told.lines.clear()
            told.until("WATCHDOG=1")
            hive.daemon.terminate()
            told.until("STOPPING=1")
            told.until("STATUS=Stopping: asked by a signal.")
            assert hive.daemon.wait(SECONDS) == 0
        finally:
            # A daemon that stands still would be waited for at each step of the clearing up.
            hive.daemon.send_signal(signal.SIGCONT)
            told.sock.close()
