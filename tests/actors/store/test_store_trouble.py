"""A full or read-only disk is an answer, not an end: nothing acknowledged is lost, and it recovers by itself."""

import contextlib
import resource
import signal
import subprocess

import pytest

from actors.store import api as store
from actors.store.actor import StoreActor
from actors.store.messages import Database
from actors.supervision import Directory, StartFailed
from harness.wire.errors import ErrorCode, HiveError
from tests.needs import needs_root
from tests.waiting import SECONDS


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


@contextlib.contextmanager
def running(folder):
    directory = Directory()
    directory.boot(StoreActor(paths={Database.HIVE: folder / "hive.sqlite"}), "store")
    try:
        yield directory
    finally:
        directory.stop("store", 5)


def peer(name):
    return lambda connection: connection.execute("INSERT INTO peers (name, created_at) VALUES (?, 0)", (name,)).rowcount


def peers(connection):
    return {name for (name,) in connection.execute("SELECT name FROM peers")}


def add_until_refused(directory, acknowledged):
    for number in range(20_000):
        name = f"{number:06} {'x' * 2000}"
        try:
            store.write(directory, peer(name)).get(timeout=SECONDS)
        except HiveError as refusal:
            return refusal
        acknowledged.add(name)
    pytest.fail("it never got full")


@needs_root
@pytest.mark.slow
def test_a_full_disk_refuses_with_a_way_out_and_recovers_when_there_is_room(small_disk):
    acknowledged = set()
    ballast = small_disk / "ballast"
    with running(small_disk) as directory:
        ballast.write_bytes(b"x" * 500_000)
        refusal = add_until_refused(directory, acknowledged)
        assert (refusal.code, "disk" in refusal.message, bool(refusal.hint)) == (ErrorCode.UNAVAILABLE, True, True)
        assert store.read(directory, peers) == acknowledged, "reads go on"
        ballast.unlink()
        assert store.write(directory, peer("late")).get(timeout=SECONDS) == 1
    with running(small_disk) as directory:
        assert store.read(directory, peers) == acknowledged | {"late"}


def test_files_that_may_not_grow_refuse_and_recover_without_a_restart(tmp_path):
    with running(tmp_path) as directory:
        store.write(directory, peer("before")).get(timeout=SECONDS)
        with no_file_may_grow():
            with pytest.raises(HiveError) as refusal:
                store.write(directory, peer("x" * 500_000)).get(timeout=SECONDS)
            assert refusal.value.code is ErrorCode.UNAVAILABLE
            assert store.read(directory, peers) == {"before"}
        assert store.write(directory, peer("after")).get(timeout=SECONDS) == 1
        assert store.read(directory, peers) == {"before", "after"}


@contextlib.contextmanager
def no_file_may_grow():
    """What a quota does; it needs no root."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


@needs_root
@pytest.mark.slow
def test_a_disk_that_turns_read_only_refuses_and_a_fresh_store_goes_on(small_disk):
    """The kernel remounts no disk while files on it are open for writing, so the store starts on a read-only one."""
    with running(small_disk) as directory:
        store.write(directory, peer("before")).get(timeout=SECONDS)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(StartFailed, match=r"read-only|Read-only"), running(small_disk):
        pass
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    with running(small_disk) as directory:
        assert store.write(directory, peer("after")).get(timeout=SECONDS) == 1
        assert store.read(directory, peers) == {"before", "after"}
