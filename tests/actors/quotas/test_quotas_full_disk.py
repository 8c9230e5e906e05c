"""A disk that is full to the last byte, below a whole hive: typed refusals, no restarts, and a recovery."""

import shutil
import subprocess

import pytest

from actors.agent.registry import api as agents
from actors.broker import api as broker
from actors.quotas.messages import QUOTAS, Tick
from harness.wire.errors import ErrorCode, HiveError
from tests.actors.whole_hive import WholeHive
from tests.needs import needs_root
from tests.waiting import until

pytestmark = pytest.mark.slow
RESERVE = 4 * 1024**2


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def hive(disk):
    hive = WholeHive(state_dir=disk / "state", reserve_bytes=RESERVE)
    hive.settle_in(["alice"])
    yield hive
    hive.close()
    shutil.rmtree(hive.place)


def fill(disk):
    with (disk / "ballast").open("ab", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


def restarts(node):
    return node["restarts"] + sum(restarts(child) for child in node["children"])


def attempt(order):
    """Whether it was done; a refusal must say why."""
    try:
        order()
    except HiveError as error:
        refusal = error
    else:
        return True
    assert refusal.code is ErrorCode.UNAVAILABLE
    assert "disk" in refusal.message
    return False


@needs_root
def test_the_hive_survives_a_full_disk_pauses_its_agents_and_recovers(hive, disk):
    def mail():
        broker.send(hive.directory, sender="operator", to="alice", body="x" * 30_000)

    assert (disk / "state/db/reserve").lstat().st_blocks * 512 >= RESERVE
    before = restarts(hive.tree())
    fill(disk)
    refused = sum(not attempt(mail) for _ in range(60))
    assert refused >= 1, "the disk was full"
    assert refused < 60, "the reserve was of use"
    hive.directory.tell(QUOTAS, Tick())
    until(lambda: agents.row(hive.directory, "alice").paused, "it is paused")
    assert "disk full" in agents.row(hive.directory, "alice").note
    fill(disk)
    while attempt(mail):
        pass
    assert agents.row(hive.directory, "alice").running, "what is known can be read"
    assert not attempt(mail)
    assert restarts(hive.tree()) == before, "no component has crashed"
    (disk / "ballast").unlink()
    hive.directory.tell(QUOTAS, Tick())
    until(lambda: not agents.row(hive.directory, "alice").paused, "it goes on")
    assert attempt(mail)
    assert restarts(hive.tree()) == before


@needs_root
def test_a_pause_of_a_person_outlives_a_full_disk(hive, disk):
    agents.set_paused(hive.directory, "alice", paused=True)
    fill(disk)
    hive.directory.tell(QUOTAS, Tick())
    until(lambda: "disk full" in (agents.row(hive.directory, "manager").note or ""), "the manager is paused")
    (disk / "ballast").unlink()
    hive.directory.tell(QUOTAS, Tick())
    until(lambda: not agents.row(hive.directory, "manager").paused, "the manager goes on")
    assert agents.row(hive.directory, "alice").paused
