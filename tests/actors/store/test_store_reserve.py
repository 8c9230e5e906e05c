"""The reserve: when the disk is full one commit is refused, then there is space, and later the reserve is back."""

import subprocess

import pytest

from actors.store import api as store
from actors.store.actor import StoreActor
from actors.store.messages import Database
from actors.store.reserve import Reserve
from actors.supervision import Directory
from harness.wire.errors import ErrorCode, HiveError
from tests.needs import needs_root
from tests.waiting import SECONDS

pytestmark = pytest.mark.slow

SIZE = 4 * 1024**2


def insert(name):
    return lambda connection: connection.execute("INSERT INTO peers (name, created_at) VALUES (?, 0)", (name,)).rowcount


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder):
    with (folder / "ballast").open("ab", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


def boot(folder):
    directory = Directory()
    directory.boot(StoreActor(paths={Database.HIVE: folder / "hive.sqlite"}, reserve_bytes=SIZE), "store")
    return directory


@needs_root
@pytest.mark.slow
def test_a_full_disk_costs_one_commit_and_the_daemon_goes_on_with_its_reserve(small_disk):
    reserve = small_disk / "reserve"
    directory = boot(small_disk)
    assert reserve.lstat().st_blocks * 512 >= SIZE
    fill(small_disk)
    with pytest.raises(HiveError) as refusal:
        for number in range(1000):
            store.write(directory, insert(f"{number} {'x' * 20_000}")).get(timeout=SECONDS)
    assert refusal.value.code is ErrorCode.UNAVAILABLE
    assert store.write(directory, insert("operator")).get(timeout=SECONDS) == 1
    assert reserve.lstat().st_blocks == 0
    directory.stop("store", 5)
    fill(small_disk)
    (small_disk / "ballast").unlink()
    directory = boot(small_disk)
    assert store.write(directory, insert("later")).get(timeout=SECONDS) == 1
    assert reserve.lstat().st_blocks * 512 >= SIZE, "the reserve is back"
    directory.stop("store", 5)


@needs_root
@pytest.mark.slow
def test_a_daemon_starts_on_a_full_disk_out_of_its_reserve(small_disk):
    Reserve(small_disk / "reserve", SIZE).keep()
    fill(small_disk)
    directory = boot(small_disk)
    assert store.write(directory, insert("first")).get(timeout=SECONDS) == 1
    directory.stop("store", 5)


def test_a_reserve_is_real_space_and_is_given_up_once(tmp_path):
    path = tmp_path / "reserve"
    reserve = Reserve(path, 65_536)
    reserve.keep()
    assert path.lstat().st_blocks * 512 >= 65_536
    reserve.release()
    reserve.release()
    assert path.lstat().st_blocks == 0


def test_without_a_size_and_without_a_folder_nothing_is_kept_and_nothing_fails(tmp_path):
    Reserve(tmp_path / "reserve", 0).keep()
    assert not (tmp_path / "reserve").exists()
    missing = Reserve(tmp_path / "none/reserve", 10)
    missing.keep()
    missing.release()
    missing.release_if_full()


def test_a_store_without_a_reserve_truncates_nothing(tmp_path):
    database = tmp_path / "telemetry.sqlite"
    database.write_bytes(b"rows" * 10_000)
    Reserve(database, 0).release()
    assert database.stat().st_size == 40_000
