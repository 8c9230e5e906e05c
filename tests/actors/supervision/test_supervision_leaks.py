"""Starting and stopping leaves nothing, and a lot of actors is not a lot."""

import gc
import logging
import os
import resource

import gevent
import pytest

from actors.supervision import (
    ChildSpec,
    ChildType,
    Directory,
    ProcessActor,
    Restart,
    Shutdown,
    Supervisor,
    living,
    settle,
    start_child,
)
from tests.actors.supervision.parts import Worker, boot, spec


def open_files():
    return set(os.listdir("/proc/self/fd"))


def greenlets():
    gc.collect()
    return sum(isinstance(one, gevent.Greenlet) and not one.dead for one in gc.get_objects())


@pytest.mark.slow
def test_starting_and_stopping_a_tree_again_and_again_leaves_no_file_and_no_greenlet():
    def once():
        directory = Directory()

        def build():
            return Supervisor(children=[spec([], "b"), spec([], "c")], directory=directory)

        inner = ChildSpec("s", build, type=ChildType.SUPERVISOR, shutdown=Shutdown.INFINITY)
        process = ChildSpec("p", lambda: ProcessActor(["sleep", "60"], stdout=lambda _line: None))
        boot(directory, [spec([], "a"), inner, process])
        directory.tell("a", ValueError("boom"))
        directory.tell("s/b", ValueError("boom"))
        settle()
        directory.stop("hive")
        return directory.names()

    once()
    files, alive = open_files(), greenlets()
    for _ in range(10):
        assert once() == []
    assert (open_files(), greenlets(), living()) == (files, alive, frozenset())


@pytest.mark.slow
def test_ten_thousand_actors_live_at_once_in_less_than_25_kib_each(directory):
    boot(directory, [])
    gc.collect()
    before = resident_bytes()
    for number in range(10_000):
        start_child(directory, "hive", ChildSpec(f"w{number}", Worker, restart=Restart.TEMPORARY))
    assert (resident_bytes() - before) / 10_000 < 25 * 1024
    assert directory.ask("w9999", "hello") == "hello"
    assert directory.stop("hive").orderly
    assert directory.names() == []


@pytest.mark.slow
def test_crashes_do_not_pile_up_memory(directory, request):
    # pytest keeps every log record, and with it the traceback and its frames.
    logging.disable(logging.CRITICAL)
    request.addfinalizer(lambda: logging.disable(logging.NOTSET))
    before = workers()
    boot(directory, [spec([], "a")], intensity=10**6)
    for _ in range(50):
        directory.tell("a", ValueError("boom"))
        settle()
    assert workers() <= before + 1


def workers():
    gc.collect()
    return sum(isinstance(one, Worker) for one in gc.get_objects())


def resident_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()
