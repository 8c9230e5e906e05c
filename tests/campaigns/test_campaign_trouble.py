"""Trouble that lasts: a harness that dies at once, a disk that is full or takes nothing."""

import contextlib
import os
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from actors.cli.chaos.faults import Disk
from harness.wire.errors import ErrorCode, HiveError
from tests.campaigns.light_hive import LightHive
from tests.needs import needs, needs_root
from tests.torture import FULL

CPU_PERCENT = 5.0
"""Of one core, of the daemon and all that it starts, while it is tried at its own pace."""
HURRY = 1 if FULL else 10


@pytest.mark.slow
@pytest.mark.torture
def test_an_agent_whose_harness_dies_at_once_costs_little_is_parked_with_its_reason_and_comes_back():
    with LightHive(hurry=HURRY) as hive:
        hive.ask("spawn", name="alice")
        flag = hive.state / "agents/alice/state/doomed"
        flag.touch()
        before, began = cpu_seconds(hive), time.monotonic()
        hive.container("alice").kill()
        hive.until(lambda: hive.row("alice")["state"] == "parked")
        seconds = time.monotonic() - began
        percent = (cpu_seconds(hive) - before) / seconds * 100
        row = hive.row("alice")
        assert "I cannot work" in row["note"]
        assert row["failed"]
        told = ["spawned", *["container_crash"] * 6, "agent_stuck"]
        hive.until(lambda: [one["event"] for one in hive.mail_of_manager() if one["agent"] == "alice"] == told)
        flag.unlink()
        hive.ask("start", scope={"agent_names": ["alice"]})
        hive.done(hive.send("alice", "are you back?"))
    print(f"parked after {seconds:.1f} s and 6 crashes at {percent:.1f} % of a core")
    assert HURRY > 1 or percent < CPU_PERCENT


def cpu_seconds(hive):
    """Of the daemon and of every child it has waited for; containers come and go below it."""
    times = psutil.Process(hive.daemon.pid).cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def refused(hive, body="x"):
    with pytest.raises(HiveError) as refusal:
        for _ in range(2000):
            hive.send("alice", body)
    return refusal.value


@pytest.mark.slow
def test_a_disk_that_takes_nothing_is_a_clear_refusal_and_work_goes_on_when_it_does_again():
    with LightHive() as hive:
        hive.ask("spawn", name="alice")
        kept = hive.send("alice", "before")
        disk = Disk(hive.daemon.pid)
        disk.take_away()
        try:
            refusal = refused(hive)
            assert refusal.code is ErrorCode.UNAVAILABLE
            assert "disk" in refusal.message
            assert "hive doctor" in refusal.hint
            # Its container dies now, and cannot be started: nothing can be written for it.
            hive.container("alice").kill()
            hive.until(lambda: hive.row("alice")["state"] == "failed")
        finally:
            disk.give_back()
        hive.until(lambda: hive.row("alice")["running"])
        hive.done(kept, hive.send("alice", "after"))
        assert hive.daemon.poll() is None
        hive.until(lambda: all(one["held"] for one in hive.ask("verify")["promises"]))


@needs("mount")
@needs_root
@pytest.mark.slow
def test_a_full_disk_is_a_clear_refusal_nothing_acknowledged_is_lost_and_room_is_enough_to_go_on():
    with small_disk(48) as place, LightHive(place=place) as hive:
        hive.ask("spawn", name="alice")
        ids = [hive.send("alice", f"before {number}") for number in range(20)]
        filler = Path(place) / "filler"
        fill(filler)
        refusal = refused(hive, "x" * 60_000)
        assert refusal.code is ErrorCode.UNAVAILABLE
        assert "disk is full" in refusal.message
        assert hive.ask("agent_status")["agent_statuses"], "reading goes on"
        filler.unlink()
        hive.until(lambda: sends(hive))
        hive.done(*ids)
        assert hive.daemon.poll() is None
        hive.until(lambda: all(one["held"] for one in hive.ask("verify")["promises"]))


def sends(hive):
    with contextlib.suppress(HiveError):
        return hive.send("alice", "after")


@contextlib.contextmanager
def small_disk(megabytes):
    place = tempfile.mkdtemp(prefix="hive-")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "hive-test", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)
        os.rmdir(place)


def fill(path):
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (1 << 20, 4096):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
