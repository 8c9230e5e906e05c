"""What could leak into a container, or out of it: kernel settings, devices, keys, handles, memory. Tried from inside.

A daemon that is root is the hard case: in bwrap its agents have, for whoever looks at the uid alone, root's files.
"""

import ctypes
import json
import os
from pathlib import Path

import pytest

from actors.agent.runtime.bwrap import BwrapRuntime
from actors.agent.runtime.inside import TMP_BYTES
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.runtime.shim import KEYCTL
from actors.agent.workspace.paths import Workspace
from tests.actors.agent.stand_ins import launch, printed, wait_end
from tests.needs import needs

GET_KEYRING_ID, SESSION = 0, -3

HELD = """
import json, os, stat, subprocess
def works(attempt):
    try: attempt()
    except OSError: return False
    return True
def writable(path):
    return works(lambda: os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK)))
def changeable(path):
    return works(lambda: os.chmod(path, stat.S_IMODE(os.stat(path).st_mode)))
def listed(place):
    skip = {"self", "thread-self", *filter(str.isdigit, os.listdir("/proc"))}
    for folder, folders, files in os.walk(place):
        if folder == "/proc": folders[:] = [one for one in folders if one not in skip]
        yield from (os.path.join(folder, file) for file in files)
def size(place):
    told = os.statvfs(place)
    return told.f_blocks * told.f_frsize
def private(path):
    try: return "PRIVATE KEY" in open(path, errors="replace").read(200)
    except OSError: return False
nested = "umount /proc/sys; mount -o remount,rw,bind /proc/sys; test -w /proc/sys/kernel/core_pattern"
print(json.dumps({
    "proc": [path for path in listed("/proc") if writable(path)],
    "settings": [path for path in listed("/proc/sys") if changeable(path)][:5],
    "devices": [path for path in listed("/dev") if changeable(path) and not os.path.islink(path)
                and not path.startswith("/dev/pts/")],
    "nested": subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", nested],
                             capture_output=True).returncode,
    "null": writable("/dev/null"),
    "sizes": [size("/tmp"), size("/dev/shm")],
    "written": [one.split()[4] for one in open("/proc/self/mountinfo") if "rw" in one.split()[5].split(",")],
    "private": [path for path in listed("/etc") if private(path)],
}))
"""

LEAKED = """
import ctypes, json, os
handles = [f"/proc/self/fd/{one}" for one in os.listdir("/proc/self/fd")]
print(json.dumps({
    "handles": sorted(os.path.basename(os.readlink(one)) for one in handles if os.path.exists(one)),
    "session": ctypes.CDLL(None).syscall(KEYCTL, 0, -3, 1),
    "variables": sorted(os.environ),
}))
"""


@pytest.fixture
def tried(tmp_path):
    def run(runtime, text):
        workspace = Workspace(tmp_path / "state", tmp_path / "run")
        order = launch(workspace, text.replace("KEYCTL", str(KEYCTL[os.uname().machine])))
        runtime.create(order)
        wait_end(runtime, runtime.start(order))
        lines = printed(runtime, order.paths)
        assert lines[-1].startswith("{"), lines
        return json.loads(lines[-1])

    return run


def own_session_keyring():
    return ctypes.CDLL(None).syscall(KEYCTL[os.uname().machine], GET_KEYRING_ID, SESSION, 1)


@needs("bwrap")
def test_from_a_sandbox_nothing_of_the_kernel_can_be_set_and_nothing_of_the_host_changed(tried):
    before = Path("/proc/sys/kernel/core_pattern").read_text()
    found = tried(BwrapRuntime(), HELD)
    assert (found["proc"], found["settings"], found["devices"]) == ([], [], [])
    assert found["null"], "the devices work"
    assert found["nested"] != 0
    assert Path("/proc/sys/kernel/core_pattern").read_text() == before
    inside = "/agents/alice/"
    own = {f"{inside}{folder}" for folder in ("state", "claude", "home")}
    devices = {f"/dev/{name}" for name in ("full", "null", "random", "tty", "urandom", "zero")}
    assert set(found["written"]) - own <= {"/shared", "/tmp", "/dev/shm", "/dev/pts", "/proc", *devices}
    assert found["sizes"] == [TMP_BYTES, TMP_BYTES], "memory of the host has an end"
    assert found["private"] == []


@needs("bwrap")
@pytest.mark.parametrize("runtime", [ProcessRuntime, BwrapRuntime])
def test_no_handle_no_key_and_no_variable_of_the_daemon_comes_along(tried, monkeypatch, runtime):
    monkeypatch.setenv("SECRET_OF_THE_DAEMON", "x")
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    try:
        found = tried(runtime(), LEAKED)
    finally:
        os.close(reading)
        os.close(writing)
    nothing, *output, line = found["handles"]
    assert nothing == "null"
    assert len(output) == 2
    assert all(one.startswith("pipe:") for one in output)
    assert line.startswith("socket:"), "to the shim"
    assert set(found["variables"]) <= {"PATH", "HIVE_NAME", "HIVE_CONTAINER_ID", "LC_CTYPE", "PWD"}
    if own_session_keyring() != -1:
        assert found["session"] not in {-1, own_session_keyring()}
