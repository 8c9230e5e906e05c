"""What every test promises: it leaves no actor, greenlet or child process behind."""

import gc
import os
import weakref
from contextlib import suppress
from pathlib import Path

import gevent
import psutil
import pytest

from actors.supervision import living
from tests import memory
from tests.waiting import survivors

_spawned: weakref.WeakSet = weakref.WeakSet()


def pytest_configure(config):
    memory.choose_folder()
    gevent.Greenlet.add_spawn_callback(_spawned.add)


def pytest_collection_modifyitems(items):
    """Files with campaigns first, then those with slow tests, so that no worker begins a long file when the others end.

    How long a file may take is told by its own marks. With `--no-loadscope-reorder` this is the order of the workers too.
    """
    rank = {}
    for item in items:
        timeout = item.get_closest_marker("timeout")
        slow = item.get_closest_marker("slow") is not None
        own = (timeout.args[0] if timeout and timeout.args else 0, slow)
        rank[item.path] = max(rank.get(item.path, own), own)
    items.sort(key=lambda item: rank[item.path], reverse=True)


@pytest.fixture(autouse=True, scope="module")
def nothing_left_behind_by_the_file():
    before = _children()
    yield
    _check(before)


@pytest.fixture(autouse=True)
def nothing_left_behind():
    shared = bool(living())  # a hive that a whole file shares is checked at the file's end
    before = _children()
    yield
    if not shared:
        _check(before)


def _check(before):
    actors = [actor.name for actor in living()]
    if greenlets := _greenlets():
        gevent.sleep(0)
        gc.collect()
        greenlets = _greenlets()
    # What was killed at the end of the test may still be dying.
    children = [_describe(child) for child in survivors(_children() - before, seconds=5)]
    assert not actors, f"actors left behind: {actors}"
    assert not greenlets, f"greenlets left behind: {greenlets}"
    assert not children, f"processes left behind: {children}"


def _greenlets():
    return [repr(one) for one in list(_spawned) if not one.dead]


def _children():
    """Everything below this process, as the kernel lists it: looking at all processes takes longer than most tests."""
    found, parents = set(), [os.getpid()]
    while parents:
        below = _listed(parents.pop())
        parents += below
        for pid in below:
            with suppress(psutil.NoSuchProcess):
                found.add(psutil.Process(pid))
    return found


def _listed(pid):
    below = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in os.listdir(f"/proc/{pid}/task"):
            below += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return below


def _describe(child):
    try:
        return f"{child.pid} {' '.join(child.cmdline())}"
    except psutil.NoSuchProcess:
        return str(child.pid)
