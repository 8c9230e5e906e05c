"""The shim alone: one container per agent, its files, and ends that are hard to see."""

import json
import os
import signal
import subprocess
import sys

import gevent
import pytest

from actors.agent.container.failures import crash_of
from actors.agent.runtime import Container, pidfd, sweep
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.workspace.paths import Workspace
from harness.wire.errors import HiveError
from tests.actors.agent.stand_ins import SERVE, everything_below, launch, lines_until, wait_end
from tests.waiting import SECONDS, survivors

FORGETFUL = """
import os, signal
if os.fork() == 0:
    os.setsid()
    os.execve("/bin/sleep", ["sleep", "1000"], {})  # nothing of its environment is left
print("up", flush=True)
signal.pause()
"""


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "state", tmp_path / "run")


@pytest.fixture
def runtime(workspace):
    runtime = ProcessRuntime()
    yield runtime
    for container in runtime.running(workspace):
        runtime.kill(container)


def started_or_refused(runtime, order):
    try:
        return runtime.start(order)
    except HiveError:
        return "refused"


def test_starts_at_the_same_moment_make_one_container(runtime, workspace):
    order = launch(workspace, SERVE)
    runtime.create(order)
    starts = [gevent.spawn(started_or_refused, ProcessRuntime(), order) for _ in range(4)]
    gevent.joinall(starts, timeout=SECONDS)
    assert {start.value for start in starts} - {"refused"} == {runtime.find(order.paths)}
    lines_until(runtime, order.paths, "up")
    assert len([line for line in runtime.logs(order.paths, 50) if line.startswith("up")]) == 1


def test_what_wiped_its_environment_and_left_its_session_ends_with_the_container_too(runtime, workspace):
    order = launch(workspace, FORGETFUL)
    container = runtime.start(order)
    lines_until(runtime, order.paths, "up")
    below = everything_below(container.pid)
    assert len(below) == 3
    runtime.stop(container)
    wait_end(runtime, container)
    assert survivors(below) == []


def test_the_shim_is_no_child_of_the_daemon_and_leads_a_session_of_its_own(runtime, workspace):
    container = runtime.start(launch(workspace, SERVE))
    shim, *_ = everything_below(container.pid)
    assert shim.ppid() not in {0, os.getpid()}
    assert os.getsid(container.pid) == container.pid


def test_an_end_is_told_with_the_container_it_was(runtime, workspace):
    order = launch(workspace, "raise SystemExit(4)")
    first = runtime.start(order)
    wait_end(runtime, first)
    assert json.loads((order.paths.run / "exit.json").read_text()) == {
        "id": first.id,
        "exit_status": 4,
        "out_of_memory": False,
    }
    second = runtime.start(launch(workspace, SERVE))
    assert runtime.status(order.paths, first).exit_status is None
    assert runtime.status(order.paths, second).running


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"pid": 1}'])
def test_a_record_that_is_no_record_is_no_container(runtime, workspace, content):
    order = launch(workspace, SERVE)
    (order.paths.run / "container.json").write_text(content)
    assert runtime.find(order.paths) is None
    assert runtime.running(workspace) == []


def test_the_end_of_a_process_that_is_long_gone_is_told_at_once():
    ended = gevent.event.Event()
    pidfd.EndWatch(2**22 - 1, 1, ended.set)
    assert ended.wait(SECONDS)


def test_a_watch_that_was_cancelled_never_calls_back():
    calls = []
    watch = pidfd.EndWatch(2**22 - 1, 1, lambda: calls.append(1))
    watch.cancel()
    gevent.sleep(0)
    gevent.idle()
    assert calls == []


def test_no_signal_reaches_a_process_that_only_has_the_number():

    assert not pidfd.send(os.getpid(), 1, signal.SIGKILL)


def test_a_sweep_finds_exactly_the_processes_of_one_container(runtime, workspace):
    container = runtime.start(launch(workspace, SERVE))
    other = runtime.start(launch(workspace, SERVE, name="bob"))
    assert set(sweep.living(container.id)) & {one.pid for one in everything_below(other.pid)} == set()
    assert set(sweep.living(container.id)) == {one.pid for one in everything_below(container.pid)}
    assert isinstance(other, Container)


DRAIN = """
import os, sys
from actors.agent.runtime import shim
shim.LOG_BYTES, shim.OUTPUT_BURST_BYTES, shim.CHUNK_BYTES, shim.OUTPUT_BYTES_PER_SECOND = 1000, 3000, 100, 1
output = shim.Output(sys.argv[1], os.geteuid())
paused = 0
for number in range(60):
    os.write(output.inner, b"%099d\\n" % number)
    paused += output.pause() > 0
    assert output.drain()
assert paused > 20, paused
os.write(output.inner, b"the rest\\n")
os.close(output.inner)
output.finish()
assert output.closed
"""


def test_output_is_drained_within_a_rate_and_two_generations(tmp_path):
    log = tmp_path / "alice.log"
    done = subprocess.run([sys.executable, "-c", DRAIN, log], capture_output=True, text=True)
    assert done.returncode == 0, log.read_text()
    before = tmp_path / "alice.log.1"
    assert (before.read_text() + log.read_text()).endswith(f"{59:099d}\nthe rest\n")
    assert max(log.stat().st_size, before.stat().st_size) <= 1000


def ended(runtime, order):
    """Run a container to its end; the crash as the manager is told of it."""
    container = runtime.start(order)
    wait_end(runtime, container)
    return crash_of(runtime, order.paths, runtime.status(order.paths, container))


def test_a_crash_is_told_with_the_lines_of_its_own_life_only(runtime, workspace):
    loud = launch(workspace, 'import sys; print("Traceback"); print("of the first life", end=""); sys.exit(3)')
    silent = launch(workspace, "import sys; sys.exit(4)")
    runtime.create(loud)
    assert ended(runtime, loud).log_tail == ["Traceback", "of the first life"]
    for order in (silent, silent):
        crash = ended(runtime, order)
        assert crash.log_tail == []
        assert str(crash) == "the container of alice ended with status 4"
    log = runtime.logs(loud.paths, 100)
    boundaries = [line for line in log if line.startswith("---- ")]
    assert len(log) == len(boundaries) + 2
    assert [line.split(" UTC container ")[1].split(" ", 1)[1] for line in boundaries] == [
        word for status in (3, 4, 4) for word in ("starts", f"has ended, status {status}")
    ]


def test_of_a_long_life_the_last_lines_are_told(runtime, workspace):
    many = "import sys\nfor number in range(1000): print(number)\nsys.exit(3)"
    order = launch(workspace, many)
    runtime.create(order)
    assert ended(runtime, order).log_tail == [str(number) for number in range(980, 1000)]


def test_a_life_that_prints_a_boundary_hides_its_own_lines_only(runtime, workspace):
    forged = 'import sys; print("mine"); print("---- 2030-01-01 00:00:00 UTC container x starts"); print("then"); sys.exit(3)'
    order = launch(workspace, forged)
    runtime.create(order)
    assert ended(runtime, order).log_tail == ["then"]
    assert ended(runtime, launch(workspace, "import sys; sys.exit(4)")).log_tail == []


def test_what_the_harness_logs_of_its_turns_is_no_reason_for_an_end(runtime, workspace):
    line = "2026-01-02 03:04:05,678 INFO harness: ending: failed"
    order = launch(workspace, f'import sys; print("OSError: gone"); print({line!r}); sys.exit(1)')
    runtime.create(order)
    assert str(ended(runtime, order)).endswith("ended with status 1: OSError: gone")
    assert str(ended(runtime, launch(workspace, f"print({line!r}); raise SystemExit(1)"))).endswith("with status 1")
