"""What every test promises: it leaves no actor, greenlet or child process behind."""

import gc
import os
import weakref

import psutil
import pytest

_spawned: weakref.WeakSet = weakref.WeakSet()


def pytest_configure(config):
    import gevent

    gevent.Greenlet.add_spawn_callback(_spawned.add)


@pytest.fixture(autouse=True)
def nothing_left_behind():
    from pykka import ActorRegistry

    me = psutil.Process(os.getpid())
    before = {child.pid for child in me.children(recursive=True)}
    yield
    actors = [str(ref) for ref in ActorRegistry.get_all()]
    greenlets = [repr(one) for one in list(_spawned) if not one.dead]
    if greenlets:
        gc.collect()
        greenlets = [repr(one) for one in list(_spawned) if not one.dead]
    children = [_describe(child) for child in me.children(recursive=True) if child.pid not in before and _lives(child)]
    assert not actors, f"actors left behind: {actors}"
    assert not greenlets, f"greenlets left behind: {greenlets}"
    assert not children, f"processes left behind: {children}"


def _lives(child):
    try:
        return child.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _describe(child):
    try:
        return f"{child.pid} {' '.join(child.cmdline())}"
    except psutil.NoSuchProcess:
        return str(child.pid)
