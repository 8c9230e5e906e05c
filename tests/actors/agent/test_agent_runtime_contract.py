"""One contract for every runtime, kept by real processes and real sandboxes."""

import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from actors.agent.runtime.bwrap import BwrapRuntime
from actors.agent.runtime.nspawn import NspawnRuntime
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.workspace.paths import Workspace
from harness.wire.agent_config import Bind, Limits
from harness.wire.errors import HiveError
from harness.wire.network import Network
from tests.actors.agent import nspawn_parts
from tests.actors.agent.stand_ins import (
    LITTER,
    SERVE,
    STUBBORN,
    everything_below,
    launch,
    lines_until,
    printed,
    wait_end,
)
from tests.needs import REQUIRED
from tests.waiting import survivors

pytestmark = pytest.mark.slow


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "state", tmp_path / "run")


@pytest.fixture(params=[ProcessRuntime, BwrapRuntime, NspawnRuntime], ids=lambda kind: kind.name)
def runtime(request, workspace):
    if request.param is BwrapRuntime and shutil.which("bwrap") is None:
        (pytest.fail if REQUIRED else pytest.skip)("bwrap not installed")
    if request.param is NspawnRuntime:
        if reason := nspawn_parts.lacking():
            (pytest.fail if REQUIRED else pytest.skip)(reason)
        nspawn_parts.with_image(workspace)
    runtime = request.param()
    yield runtime
    for container in runtime.running(workspace):
        runtime.kill(container)
    if request.param is NspawnRuntime:
        nspawn_parts.clean_up(runtime, workspace)
    else:
        runtime.destroy(workspace.of("alice"))


def start(runtime, order):
    runtime.create(order)
    return runtime.start(order)


def test_a_started_container_is_found_listed_and_running(runtime, workspace):
    order = launch(workspace, SERVE)
    container = start(runtime, order)
    assert runtime.find(order.paths) == container
    assert runtime.running(workspace) == [container]
    assert runtime.status(order.paths, container).running
    assert (container.name, container.runtime) == ("alice", runtime.name)


def test_what_it_prints_is_in_its_log(runtime, workspace):
    order = launch(workspace, SERVE)
    start(runtime, order)
    start_line, line, *_ = lines_until(runtime, order.paths, "up")
    assert start_line.endswith(f"UTC container {runtime.find(order.paths).id} starts")
    assert line.startswith("up ")


def test_stop_reaches_the_program_itself_which_ends_with_its_own_status(runtime, workspace):
    order = launch(workspace, SERVE)
    container = start(runtime, order)
    lines_until(runtime, order.paths, "up")
    runtime.stop(container)
    wait_end(runtime, container)
    assert printed(runtime, order.paths)[-1] == "asked to end"
    assert runtime.status(order.paths, container).exit_status == 0
    assert runtime.find(order.paths) is None


def test_kill_ends_what_ignores_a_stop(runtime, workspace):
    order = launch(workspace, STUBBORN)
    container = start(runtime, order)
    lines_until(runtime, order.paths, "up")
    runtime.stop(container)
    runtime.kill(container)
    status = runtime.status(order.paths, container)
    assert (status.running, status.exit_status) == (False, 128 + signal.SIGKILL)


@pytest.mark.parametrize(
    ("program", "status"), [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 11)", 139)]
)
def test_the_exit_status_is_known_as_a_shell_tells_it(runtime, workspace, program, status):
    order = launch(workspace, program)
    container = start(runtime, order)
    wait_end(runtime, container)
    assert runtime.status(order.paths, container).exit_status == status


def test_a_program_that_is_not_there_ends_at_once_and_the_log_says_why(runtime, workspace):
    order = launch(workspace, "")
    object.__setattr__(order, "argv", ("/no/such/program",))
    container = start(runtime, order)
    wait_end(runtime, container)
    assert runtime.status(order.paths, container).exit_status not in {0, None}
    assert "/no/such/program" in "\n".join(runtime.logs(order.paths, 5))


@pytest.mark.parametrize("how", ["end", "kill", "shim"])
def test_nothing_below_a_container_outlives_it_not_even_what_left_its_session(runtime, workspace, how):
    order = launch(workspace, LITTER)
    container = start(runtime, order)
    lines_until(runtime, order.paths, "up")
    below = everything_below(container.pid)
    assert len(below) >= 4
    if how == "end":
        runtime.stop(container)
        wait_end(runtime, container)
    elif how == "kill":
        runtime.kill(container)
    else:  # the process that looks after it all is itself killed
        psutil.Process(container.pid).kill()
        wait_end(runtime, container)
        assert runtime.status(order.paths, container).exit_status is None
    assert survivors(below) == []


@pytest.mark.parametrize("limits", [Limits(), Limits(memory="1G", pids=100)], ids=["unlimited", "limited"])
def test_a_second_start_returns_the_one_that_runs(runtime, workspace, limits):
    order = launch(workspace, SERVE, limits=limits)
    first = start(runtime, order)
    lines_until(runtime, order.paths, "up")
    assert start(runtime, order) == first
    assert runtime.status(order.paths, first).running
    assert len([line for line in runtime.logs(order.paths, 50) if line.startswith("up")]) == 1


def test_another_instance_of_the_runtime_adopts_what_runs(runtime, workspace):
    order = launch(workspace, SERVE)
    container = start(runtime, order)
    other = type(runtime)()
    adopted = other.find(order.paths)
    assert adopted == container
    other.kill(adopted)
    assert other.find(order.paths) is None


def test_a_pid_that_was_given_away_again_is_not_mistaken_for_the_container(runtime, workspace):
    order = launch(workspace, SERVE)
    container = start(runtime, order)
    runtime.kill(container)
    record = order.paths.run / "container.json"
    assert str(container.pid) in record.read_text()
    record.write_text(record.read_text().replace(f'"pid": {container.pid}', f'"pid": {psutil.Process().pid}'))
    assert runtime.find(order.paths) is None


def test_nothing_of_the_daemons_environment_reaches_the_program(runtime, workspace, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_HOST", "x")
    order = launch(workspace, "import os; print(sorted(os.environ), 'SECRET_OF_THE_HOST' in os.environ)")
    container = start(runtime, order)
    wait_end(runtime, container)
    line = printed(runtime, order.paths)[-1]
    assert line.endswith("False")
    assert "HIVE_NAME" in line


def test_it_starts_in_its_state_folder_and_may_write_there(runtime, workspace):
    order = launch(workspace, "import pathlib; pathlib.Path('notes.md').write_text('hello')")
    container = start(runtime, order)
    wait_end(runtime, container)
    assert (order.paths.state / "notes.md").read_text() == "hello"


def test_destroy_forgets_the_container_and_keeps_the_files(runtime, workspace):
    order = launch(workspace, SERVE)
    runtime.kill(start(runtime, order))
    runtime.destroy(order.paths)
    assert not (order.paths.run / "container.json").exists()
    assert order.paths.state.is_dir()


def test_a_command_runs_inside(runtime, workspace):
    order = launch(workspace, SERVE)
    container = start(runtime, order)
    lines_until(runtime, order.paths, "up")
    done = subprocess.run(runtime.exec_argv(container, ["echo", "inside"]), capture_output=True, text=True, timeout=10)
    assert done.stdout == "inside\n", done.stderr


def test_a_memory_limit_is_enforced_and_every_limit_says_how(runtime, workspace):
    limits = Limits(memory="128M", cpu=1.0, pids=50)
    order = launch(workspace, "x = bytearray(512 * 1024 * 1024); print('it got away with it')", limits=limits)
    container = start(runtime, order)
    wait_end(runtime, container)
    # Refused by the rlimit, or killed by the control group, which is then known.
    status = runtime.status(order.paths, container)
    assert (status.exit_status, status.out_of_memory) in {(1, False), (128 + signal.SIGKILL, True)}
    assert "got away" not in "\n".join(runtime.logs(order.paths, 5))
    assert set(runtime.limits(limits)) == {"memory", "cpu", "pids"}


def test_a_limit_on_processes_is_enforced_or_said_not_to_be(runtime, workspace):
    limits = Limits(pids=12)
    fork = "import os\ntry:\n    for _ in range(50): os.fork() or os.read(os.pipe()[0], 1)\nexcept OSError as error: print(error)"
    order = launch(workspace, fork, limits=limits)
    container = start(runtime, order)
    if "not enforced" in runtime.limits(limits)["pids"]:
        runtime.kill(container)
        return
    lines_until(runtime, order.paths, "Resource temporarily unavailable")
    runtime.kill(container)


def test_a_bind_of_the_configuration_is_there_or_refused_in_words(runtime, workspace, tmp_path):
    source = tmp_path / "project"
    source.mkdir()
    (source / "file").write_text("content")
    bind = Bind(source=str(source), target="/project")
    order = launch(workspace, "print(open('/project/file').read())", binds=(bind,))
    if runtime.name == "process":
        with pytest.raises(HiveError, match="cannot do"):
            runtime.create(order)
        return
    wait_end(runtime, start(runtime, order))
    assert printed(runtime, order.paths)[-1] == "content"


@pytest.mark.parametrize("asked", [None, "proxied", "none", "host"])
def test_the_network_is_its_own_unless_it_is_chosen_otherwise_and_asking_for_it_is_never_in_vain(
    runtime, workspace, asked
):
    network = Network() if asked is None else Network(mode=asked)
    order = launch(workspace, "import os\nprint('in', os.readlink('/proc/self/ns/net'))", network=network)
    if runtime.name == "process" and asked in {"proxied", "none"}:
        with pytest.raises(HiveError, match="cannot do"):
            runtime.create(order)
        return
    wait_end(runtime, start(runtime, order))
    ours = f"in {Path('/proc/self/ns/net').readlink()}" in runtime.logs(order.paths, 5)
    assert ours == (runtime.name == "process" or asked == "host")
