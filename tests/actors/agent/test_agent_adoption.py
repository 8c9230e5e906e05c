"""Real containers and a daemon that is killed: turns go on, the next daemon takes over, nothing is left behind."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from actors.agent.addresses import container_actor
from actors.agent.registry import api
from actors.agent.runtime.selection import RUNTIMES
from actors.broker import api as broker
from tests.actors.agent.hive_parts import AgentHive
from tests.actors.agent.stand_ins import CLIENT, everything_below, lines_until, program
from tests.needs import REQUIRED
from tests.waiting import SECONDS, survivors, until

pytestmark = pytest.mark.slow


@pytest.fixture(params=["process", "bwrap"])
def runtime(request):
    if request.param == "bwrap" and shutil.which("bwrap") is None:
        (pytest.fail if REQUIRED else pytest.skip)("bwrap not installed")
    return RUNTIMES[request.param]()


@pytest.fixture
def folder():
    folder = Path(tempfile.mkdtemp(prefix="hive-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def killed_daemon(runtime, folder):
    """A daemon that had started alice and was then killed without a word."""
    argv = [sys.executable, "-m", "tests.actors.agent.daemon", str(folder), runtime.name]
    daemon = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert daemon.stdout.readline() == "up\n"
    daemon.kill()
    daemon.wait()
    daemon.stdout.close()


@pytest.mark.usefixtures("killed_daemon")
def test_containers_outlive_a_killed_daemon_and_the_next_one_adopts_them(runtime, folder):
    hive = AgentHive(runtime, argv=program(CLIENT), folder=folder)
    try:
        paths = hive.workspace.of("alice")
        adopted = runtime.find(paths)
        below = everything_below(adopted.pid)
        broker.send(hive.directory, sender="operator", to="alice", body="are you the same?")
        lines = lines_until(runtime, paths, "got are you the same?")
        assert len([line for line in lines if line.startswith("harness")]) == 1
        assert hive.row("alice").running
        api.kill(hive.directory, "alice")
        assert survivors(below) == []
        assert not hive.row("alice").running
    finally:
        hive.close()
        for container in runtime.running(hive.workspace):
            runtime.kill(container)


@pytest.mark.usefixtures("killed_daemon")
def test_a_container_that_died_with_its_daemon_is_replaced(runtime, folder):
    before = runtime.find(AgentHive.workspace_of(folder).of("alice"))
    below = everything_below(before.pid)
    shim = psutil.Process(before.pid)
    shim.kill()
    assert survivors([shim]) == []  # one that is still dying would be adopted, and its end noticed a moment later
    hive = AgentHive(runtime, argv=program(CLIENT), folder=folder)
    try:
        # Not by the log: what is left of the first one may still find the new socket and write a line.
        now = until(lambda: runtime.find(hive.workspace.of("alice")), "a container in its place")
        assert now.id != before.id
        assert survivors(below) == []
    finally:
        hive.close()
        for container in runtime.running(hive.workspace):
            runtime.kill(container)


def test_the_end_of_a_real_container_is_noticed_and_it_is_started_again(runtime, folder):
    hive = AgentHive(runtime, argv=program(CLIENT), folder=folder)
    try:
        api.spawn(hive.directory, "alice")
        paths = hive.workspace.of("alice")
        lines_until(runtime, paths, "harness")
        actor = hive.directory.actor(container_actor("alice"))
        everything_below(runtime.find(paths).pid)[-1].kill()
        end = actor.ended.get(timeout=SECONDS)
        assert end.error.exit_status == 137
        hive.clock.advance(0)
        again = until(lambda: hive.directory.actor(container_actor("alice")), "its next actor")
        again.started.get(timeout=SECONDS)
        assert hive.row("alice").running
    finally:
        hive.close()
        for container in runtime.running(hive.workspace):
            runtime.kill(container)
