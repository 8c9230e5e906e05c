"""The life of an nspawn container on the host: what is adopted, what stays, what goes, and what is never left behind."""

import fcntl
import os
import pty
import signal
import socket
import struct
import subprocess
import sys
import termios
from pathlib import Path

import gevent
import psutil
import pytest

from actors.agent.runtime import rootfs
from actors.agent.runtime.cgroup import Cgroups
from actors.agent.runtime.image import Images
from actors.agent.runtime.nspawn import NspawnRuntime
from actors.agent.workspace.paths import Workspace
from harness.wire.agent_config import Limits
from tests.actors.agent.nspawn_parts import clean_up, needs_nspawn, with_image
from tests.actors.agent.stand_ins import LITTER, SERVE, everything_below, launch, lines_until, printed, wait_end
from tests.waiting import SECONDS, survivors

pytestmark = needs_nspawn(pytest.mark.slow)


@pytest.fixture
def workspace(tmp_path):
    return with_image(Workspace(tmp_path / "state", tmp_path / "run"))


@pytest.fixture
def runtime(workspace):
    runtime = NspawnRuntime()
    yield runtime
    clean_up(runtime, workspace)


@pytest.fixture
def alice(workspace):
    return workspace.prepare("alice")


def start(runtime, order):
    runtime.create(order)
    return runtime.start(order)


def run(runtime, workspace, text, **more):
    order = launch(workspace, text, **more)
    order.paths.log.unlink(missing_ok=True)
    wait_end(runtime, start(runtime, order))
    return "\n".join(printed(runtime, order.paths))


# ---- ends ----------------------------------------------------------------------------------------------

DAEMON = """
import signal, sys
from tests.actors.agent.nspawn_parts import NspawnRuntime, Workspace
from tests.actors.agent.stand_ins import SERVE, launch
from pathlib import Path
order = launch(Workspace(Path(sys.argv[1]), Path(sys.argv[2])), SERVE)
runtime = NspawnRuntime()
runtime.create(order)
print(runtime.start(order).pid, flush=True)
signal.pause()
"""


def test_a_container_survives_the_kill_of_the_daemon_that_started_it_and_is_adopted(runtime, workspace, alice):
    argv = [sys.executable, "-c", DAEMON, str(workspace.state_dir), str(workspace.run_dir)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as daemon:
        pid = int(daemon.stdout.readline())
        lines_until(runtime, alice, "up")
        daemon.kill()
    adopted = runtime.find(alice)
    assert adopted.pid == pid
    assert start(runtime, launch(workspace, SERVE)) == adopted
    runtime.stop(adopted)
    wait_end(runtime, adopted)
    assert runtime.status(alice, adopted).exit_status == 0


@pytest.mark.parametrize("victim", ["nspawn", "init", "program"])
def test_whichever_part_is_killed_all_of_it_goes_and_the_end_is_noticed(runtime, workspace, alice, victim):
    container = start(runtime, launch(workspace, LITTER))
    lines_until(runtime, alice, "up")
    below = everything_below(container.pid)
    nspawn = psutil.Process(container.pid).children()[0]
    init = nspawn.children()[0]
    program = init.children()[0]
    {"nspawn": nspawn, "init": init, "program": program}[victim].kill()
    wait_end(runtime, container)
    # When the init itself dies, nspawn has nobody to hear the status from.
    assert runtime.status(alice, container).exit_status == (1 if victim == "init" else 128 + signal.SIGKILL)
    assert survivors(below) == []
    assert Cgroups(workspace.run_dir).pids("alice") == set()


def test_an_ended_container_leaves_no_group_behind(runtime, workspace, alice):
    run(runtime, workspace, "", limits=Limits(pids=50))
    assert [join for join in Cgroups(workspace.run_dir).joins("alice") if join.parent.parent.exists()] == []


def test_what_hides_from_everything_else_is_found_in_its_groups(runtime, workspace, alice):
    container = start(runtime, launch(workspace, SERVE))
    lines_until(runtime, alice, "up")
    with subprocess.Popen(["sleep", "1000"]) as hidden:  # neither below the shim nor marked in its environment
        for join in Cgroups(workspace.run_dir).joins("alice"):
            join.write_text(str(hidden.pid))
        psutil.Process(container.pid).kill()
        wait_end(runtime, container)
        assert runtime.status(alice, container).exit_status is None
        assert hidden.wait(SECONDS) == -signal.SIGKILL


def test_nothing_is_mounted_on_the_host_and_nothing_is_left_of_a_destroyed_one(runtime, workspace, alice):
    before = Path("/proc/self/mountinfo").read_text()
    folders = set(os.listdir("/run/systemd/nspawn")) if Path("/run/systemd/nspawn").exists() else None
    container = start(runtime, launch(workspace, SERVE, limits=Limits(pids=50)))
    lines_until(runtime, alice, "up")
    assert Path("/proc/self/mountinfo").read_text() == before
    runtime.kill(container)
    runtime.destroy(alice)
    assert [join for join in Cgroups(workspace.run_dir).joins("alice") if join.parent.exists()] == []
    assert not (alice.root / "layer").exists()
    assert os.listdir(alice.run) == []
    assert folders is None or set(os.listdir("/run/systemd/nspawn")) == folders
    workspace.purge("alice")
    assert os.listdir(workspace.agents) == []


# ---- its own system ------------------------------------------------------------------------------------

WRITE = "open('/var/tmp/kept', 'w').write('kept')"
READ = "print(open('/var/tmp/kept').read())"


@pytest.mark.parametrize("way", ["overlay", "copy"])
def test_what_it_writes_beside_its_folders_stays_through_restarts_and_is_its_own(
    runtime, workspace, alice, monkeypatch, way
):
    if way == "copy":
        monkeypatch.setattr(rootfs, "overlay_trouble", lambda image, folder: "no such luck")
    run(runtime, workspace, WRITE)
    assert run(runtime, workspace, READ) == "kept"
    image = next((workspace.state_dir / "images").glob("[!.]*"))
    assert not (image / "root/var/tmp/kept").exists()
    if way == "overlay":
        assert "No such file" in run(runtime, workspace, READ, name="bob")
    copied = list((alice.root / "layer").glob("*/root"))
    assert bool(copied) == (way == "copy")


def test_a_layer_that_an_older_hive_let_its_agent_change_as_root_is_not_used(runtime, workspace, alice):
    image = Images(workspace.state_dir).needed()
    old = alice.root / "layer" / image.digest / "upper/etc"
    old.mkdir(parents=True)
    (old / "ld.so.preload").write_text("/agents/alice/state/evil.so\n")
    assert run(runtime, workspace, "import os; print(os.path.exists('/etc/ld.so.preload'))") == "False"
    assert not old.exists()


def test_an_agent_costs_next_to_nothing_on_the_disk(runtime, workspace, alice):
    run(runtime, workspace, "")
    used = subprocess.run(["du", "-sk", str(alice.root / "layer")], capture_output=True, text=True, check=True).stdout
    assert int(used.split()[0]) < 1024


def test_the_layer_of_another_image_makes_room(runtime, workspace, alice):
    old = alice.root / "layer/0123456789abcdef/upper"
    old.mkdir(parents=True)
    run(runtime, workspace, "")
    assert not old.exists()
    assert len(os.listdir(alice.root / "layer")) == 1


# ---- doors ---------------------------------------------------------------------------------------------


def test_only_the_agent_is_at_the_other_end_of_its_socket(runtime, workspace, alice):
    owner = runtime.owner(alice)
    with socket.socket(socket.AF_UNIX) as listening:
        short = f"/proc/self/fd/{os.open(alice.socket_dir, os.O_PATH | os.O_CLOEXEC)}/hive.sock"
        listening.bind(short)
        os.chmod(short, 0o600)
        os.chown(short, owner, owner)
        listening.listen()
        listening.settimeout(10)
        say = "import socket; s = socket.socket(socket.AF_UNIX); s.connect('/run/hive/hive.sock'); s.send(b'hello')"
        container = start(runtime, launch(workspace, say))
        client, _ = gevent.get_hub().threadpool.apply(listening.accept)
        with client:
            credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            assert struct.unpack("3i", credentials)[1:] == (owner, owner)
            assert client.recv(10) == b"hello"
        wait_end(runtime, container)
    os.close(int(short.split("/")[4]))


def test_a_terminal_inside_has_the_agents_environment_and_none_of_the_operators(runtime, workspace, alice, monkeypatch):
    monkeypatch.setenv("OPERATORS_SECRET", "x")
    order = launch(workspace, SERVE)
    order.env["OF_THE_AGENT"] = "y"
    container = start(runtime, order)
    lines_until(runtime, alice, "up")
    pid, master = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        argv = runtime.exec_argv(container, ["/bin/bash", "--norc", "-i"])
        os.execvp(argv[0], argv)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", 33, 111, 0, 0))
    os.write(master, b"stty size; id -u; pwd; echo [$OPERATORS_SECRET][$OF_THE_AGENT][$TERM]; test -t 0 && exit 7\n")
    said = gevent.get_hub().threadpool.apply(read_all, (master,))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
    for line in ("33 111", "1000", "/agents/alice/state", "[][y][xterm-256color]"):
        assert f"{line}\r\n" in said, said


def test_a_terminal_ends_with_its_container(runtime, workspace, alice):
    container = start(runtime, launch(workspace, SERVE))
    lines_until(runtime, alice, "up")
    with subprocess.Popen(runtime.exec_argv(container, ["sh", "-c", "echo in; exec sleep 1000"]), stdout=-1) as inside:
        assert inside.stdout.readline() == b"in\n"
        runtime.kill(container)
        assert inside.wait(SECONDS) != 0


def read_all(master):
    said = b""
    try:
        while data := os.read(master, 4096):
            said += data
    except OSError:
        pass  # EIO: the other end has hung up
    os.close(master)
    return said.decode()
