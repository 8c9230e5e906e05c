"""A disk that may only be read: what is refused and how, what goes on, and what it takes to work again."""

import contextlib
import subprocess

import pytest

from harness.wire.errors import ErrorCode, HiveError
from tests.campaigns.failing_disk import FailingDisk
from tests.campaigns.light_hive import LightHive
from tests.campaigns.real_hive import ROOT, SECONDS
from tests.campaigns.test_campaign_trouble import sends
from tests.memory import DISK
from tests.needs import needs, needs_root


@contextlib.contextmanager
def read_only(hive):
    """The kernel refuses every write to the files of the database, also to the daemon that has them open.

    Of a file in memory it refuses only to open it.
    """
    files = [str(hive.state / f"db/hive.sqlite{end}") for end in ("", "-wal")]
    subprocess.run(["chattr", "+i", *files], check=True)
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *files], check=True)


def refused(hive, **arguments):
    with pytest.raises(HiveError) as refusal:
        hive.ask(**arguments)
    assert refusal.value.code is ErrorCode.UNAVAILABLE
    assert "hive doctor" in refusal.value.hint
    return refusal.value.message


def everything_goes_on(hive, *ids):
    hive.until(lambda: sends(hive))
    hive.done(*ids)
    hive.until(lambda: all(one["held"] for one in hive.ask("verify")["promises"]))


@needs("chattr")
@needs_root
@pytest.mark.slow
def test_a_read_only_database_is_a_clear_refusal_and_the_same_daemon_goes_on_when_it_is_writable_again():
    with LightHive(place=DISK) as hive:
        hive.ask("spawn", name="alice")
        kept = [hive.send("alice", f"before {number}") for number in range(20)]
        with read_only(hive):
            assert "disk" in refused(hive, cmd="send", to="alice", body="refused")
            assert "disk" in refused(hive, cmd="spawn", name="bob")
            assert hive.row("alice")["name"] == "alice", "reading goes on"
            assert hive.ask("inbox") is not None
            hive.container("alice").kill()
        hive.until(lambda: hive.row("alice")["running"])
        everything_goes_on(hive, *kept)
        assert hive.daemon.poll() is None
        assert not hive.query("SELECT 1 FROM messages WHERE body = 'refused'")


@needs("chattr")
@needs_root
@pytest.mark.slow
def test_a_store_that_was_opened_while_the_database_was_read_only_opens_it_again_for_writing():
    with LightHive(place=DISK) as hive:
        hive.ask("spawn", name="alice")
        kept = hive.send("alice", "before")
        hive.done(kept)
        with read_only(hive):
            hive.ask("restart_actor", path="store")
            hive.until(lambda: hive.node("store")["restarts"] == 1 and hive.node("store")["state"] == "running")
            assert "read-only" in refused(hive, cmd="send", to="alice", body="refused")
        everything_goes_on(hive)
        assert hive.daemon.poll() is None
        assert not hive.query("SELECT 1 FROM messages WHERE body = 'refused'")


@needs("mkfs.ext4", "losetup")
@needs_root
@pytest.mark.slow
@pytest.mark.torture
def test_a_file_system_that_the_kernel_has_made_read_only_is_a_clear_refusal_and_keeps_all_that_was_acknowledged():
    with FailingDisk() as disk, LightHive(place=disk.place) as hive:
        hive.ask("spawn", name="alice")
        disk.settle()
        kept = [hive.send("alice", f"before {number}") for number in range(20)]
        disk.fail()
        assert "disk" in refused(hive, cmd="send", to="alice", body="refused")
        assert hive.ask("agent_status")["agent_statuses"], "reading goes on"
        # The kernel never takes such a file system back while it is mounted: this one needs a new mount.
        hive.kill()
        hive.end_containers()
        disk.repair()
        hive.start()
        everything_goes_on(hive, *kept)
        assert not hive.query("SELECT 1 FROM messages WHERE body = 'refused'")


@needs("mount")
@needs_root
@pytest.mark.slow
def test_a_daemon_that_is_started_on_a_read_only_disk_says_so_and_ends():
    with FailingDisk() as disk, LightHive(place=disk.place) as hive:
        hive.ask("spawn", name="alice")
        kept = hive.send("alice", "before")
        hive.done(kept)
        assert hive.stop() == 0
        hive.end_containers()
        disk.remount("ro")
        done = subprocess.run(
            hive.argv, capture_output=True, text=True, timeout=SECONDS, check=False, env=hive.environment(), cwd=ROOT
        )
        disk.remount("rw")
        assert done.returncode == 1
        assert "read-only" in done.stderr.lower()
        assert "Traceback" not in done.stderr
        hive.start()
        everything_goes_on(hive)
