"""The way out over restarts, with the real CLI in the default network: the daemon, the proxy and its parts are killed."""

import os
import select
import signal
from pathlib import Path

import pytest

from tests.campaigns.real_hive import RealHive
from tests.needs import needs
from tests.waiting import SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LONG = " ".join(f"word{number}" for number in range(40))
SLOW = {"when": "STREAM", "steps": [{"say": LONG, "slow_seconds": 0.1}]}


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """The tests share a hive, whose daemon comes and goes: leftovers are looked for at the end of the file."""


@pytest.fixture(scope="module")
def hive():
    with RealHive(SLOW) as hive:
        yield hive


def proxy(hive):
    return hive.node("proxy/process")["pid"]


def workers(keeper):
    return [int(pid) for pid in Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()]


def kill(pid):
    pidfd = os.pidfd_open(pid)
    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    os.close(pidfd)


def ended(pidfd, seconds):
    return bool(select.select([pidfd], [], [], seconds)[0])


def asked(hive):
    return len(hive.openings("STREAM"))


@needs("bwrap")
def test_a_turn_streams_on_while_the_daemon_is_killed_and_comes_back(hive):
    number, before = hive.send("manager", "STREAM"), asked(hive)
    hive.until_asked("STREAM", before + 1)
    first = proxy(hive)
    hive.kill()
    hive.start()
    hive.done(number)
    assert asked(hive) == before + 1, "the model was asked once: nothing broke"
    assert proxy(hive) == first, "the next daemon adopted the proxy"


@needs("bwrap")
@pytest.mark.parametrize("whom", ["keeper", "worker"])
def test_after_the_proxy_is_killed_between_turns_the_next_turn_works(hive, whom):
    hive.done(hive.send("manager", "hello"))
    keeper = proxy(hive)
    (worker,) = workers(keeper)
    kill(keeper if whom == "keeper" else worker)
    hive.done(hive.send("manager", "hello again"))


@needs("bwrap")
def test_a_turn_streams_on_while_the_keeper_of_the_sockets_is_killed(hive):
    number, before = hive.send("manager", "STREAM"), asked(hive)
    hive.until_asked("STREAM", before + 1)
    kill(proxy(hive))
    hive.done(number)
    assert asked(hive) == before + 1


@needs("bwrap")
def test_the_worker_that_dies_while_the_daemon_is_away_is_followed_by_another_one(hive):
    keeper = proxy(hive)
    hive.kill()
    (worker,) = workers(keeper)
    kill(worker)
    hive.start()
    assert proxy(hive) == keeper
    hive.done(hive.send("manager", "hello"))


@needs("bwrap")
@pytest.mark.parametrize("on_stop", ["keep", "stop"])
def test_an_orderly_end_leaves_the_proxy_to_agents_that_stay_and_to_nobody_else(on_stop):
    with RealHive(agents_on_stop=on_stop) as hive:
        pidfd = os.pidfd_open(proxy(hive))
        assert hive.stop() == 0
        assert ended(pidfd, 0 if on_stop == "keep" else SECONDS) == (on_stop == "stop")
    assert ended(pidfd, SECONDS), "the removal of the hive's folder ends it"
    os.close(pidfd)
