"""Attacks on the container itself, from inside: its log, its uid, its namespaces, its binds, the host's disk."""

import os
import stat
import subprocess

import pytest

from actors.agent.container import logs
from actors.agent.runtime import shim
from actors.agent.workspace.paths import Workspace
from actors.agent.workspace.walk_tree import walk_tree

pytestmark = pytest.mark.slow

# What is open and has no name inside, or another one, is the host's. What has one can be reached by it anyway.
# A file in memory is nothing of the host's; one that is sealed cannot be changed by those who see it.
OPEN_FILES = """
import fcntl, glob, json, os, stat
def sealed(path):
    handle = os.open(path, os.O_RDONLY)
    try:
        return fcntl.fcntl(handle, fcntl.F_GET_SEALS) & fcntl.F_SEAL_WRITE
    finally:
        os.close(handle)
reached = []
for path in glob.glob("/proc/[0-9]*/fd/*"):
    try:
        status = os.stat(path)
        if stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode):
            name = os.readlink(path)
            if name.startswith("/memfd:") and sealed(path):
                continue
            inside = os.path.exists(name) and os.path.samestat(os.stat(name), status)
            if not inside and status.st_dev != os.stat("/tmp").st_dev:
                reached.append([path, name])
    except OSError:
        continue
print(json.dumps(reached))
"""


def test_no_file_and_no_folder_of_the_host_is_open_inside(cage):
    assert cage.told(OPEN_FILES) == []


GROW = """
import glob, json, os
for path in glob.glob("/proc/[12]/fd/[0-9]*"):
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        os.ftruncate(handle, 400_000_000)
    except OSError:
        pass
print(json.dumps("done"), flush=True)
"""


def test_the_log_is_not_sized_from_inside(cage):
    assert cage.told(GROW) == "done"
    log = cage.place / "state/logs/alice.log"
    assert log.stat().st_size < 1_000_000


FLOOD = """
import os, time
end = time.monotonic() + 4
os.set_blocking(1, False)
while time.monotonic() < end:
    try:
        os.write(1, b"x" * 65536)
    except BlockingIOError:
        time.sleep(0.01)
"""


def test_endless_output_fills_no_disk_and_is_read_within_bounds(cage):
    answer = cage.run(FLOOD)
    files = [cage.place / "state/logs" / name for name in ("alice.log", "alice.log.1")]
    sizes = [path.stat().st_size for path in files if path.exists()]
    assert 1_000_000 < sum(sizes) <= shim.OUTPUT_BURST_BYTES + 60 * shim.OUTPUT_BYTES_PER_SECOND
    assert max(sizes) <= shim.LOG_BYTES
    assert sum(map(len, answer["lines"])) <= logs.TAIL_BYTES


UP = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit()); print('up', flush=True); signal.pause()"


def test_nobody_inside_is_root_for_the_kernel(cage):
    uids = cage.run(UP, look=True)["uids"]
    assert uids
    assert 0 not in uids
    if cage.kind == "bwrap-root":
        assert all(uid >= 0x80000 for uid in uids), uids


GAIN = """
import ctypes, json, os
libc = ctypes.CDLL(None, use_errno=True)
got = []
for name, flags in (("user", 0x10000000), ("user and mount", 0x10020000), ("cgroup", 0x02000000), ("mount", 0x20000)):
    child = os.fork()
    if child == 0:
        os._exit(libc.unshare(flags) != 0)
    if os.waitpid(child, 0)[1] == 0:
        got.append(name)
status = open("/proc/self/status").read()
for kind, source in ((b"cgroup", b"none"), (b"cgroup2", b"none"), (b"proc", b"proc"), (b"tmpfs", b"tmpfs")):
    if libc.mount(source, b"/tmp", kind, 0, None) == 0:
        got.append(kind.decode())
if libc.syscall(435, ctypes.create_string_buffer(bytes([0, 0, 0, 0x10, 0, 0, 0, 0]) + bytes(80), 88), 88) == 0:
    os._exit(0)  # the child of a clone3 into a user namespace
got += [line for line in status.splitlines() if line.startswith("CapEff") and int(line.split()[1], 16)]
print(json.dumps({"got": got, "no_new": "NoNewPrivs:\\t1" in status}))
"""


def test_no_namespace_no_mount_and_no_capability_is_gained(cage):
    told = cage.told(GAIN)
    # An nspawn agent can make a user namespace below its container's; what it gains reaches nothing outside of that.
    below = {"user", "user and mount"} if cage.kind == "nspawn" else set()
    assert (set(told["got"]) - below, told["no_new"]) == (set(), True)


GROUPS = """
import ctypes, glob, json, os
libc = ctypes.CDLL(None, use_errno=True)
changed = []
os.makedirs("/tmp/groups", exist_ok=True)
places = ["/sys/fs/cgroup"]
for kind, options in ((b"cgroup", b"memory"), (b"cgroup", b"pids"), (b"cgroup", b"cpu"), (b"cgroup2", None)):
    place = "/tmp/groups/" + (options or b"unified").decode()
    os.makedirs(place, exist_ok=True)
    if libc.mount(b"none", place.encode(), kind, 0, options) == 0:
        places.append(place)
limits = ("memory.limit_in_bytes", "memory.max", "pids.max", "cpu.cfs_quota_us", "cpu.max", "release_agent")
for place in places:
    for name in limits:
        for path in glob.glob(f"{place}/**/{name}", recursive=True):
            try:
                with open(path, "w") as file:
                    file.write("max" if name.endswith(".max") else "-1")
                changed.append(path)
            except OSError:
                pass
    for path in glob.glob(f"{place}/**/cgroup.kill", recursive=True):
        if os.access(path, os.W_OK):
            changed.append(path)
print(json.dumps(changed))
"""


def test_no_control_group_of_the_host_is_written_to(cage):
    assert cage.told(GROUPS) == []


SETUID = """
import json, os, shutil, sys
home = "/agents/alice"
for place in (home + "/state", home + "/home", "/shared", "/bound"):
    for number, bits in enumerate((0o4755, 0o6755, 0o2755)):
        path = f"{place}/tool{number}"
        try:
            shutil.copyfile("/usr/bin/true", path)
            os.chmod(path, bits)
        except OSError:
            pass
        try:
            handle = os.open(path + "-made", os.O_CREAT | os.O_WRONLY, bits)
            os.fchmod(handle, bits)
        except OSError:
            pass
print(json.dumps("done"))
"""


def test_no_setuid_file_of_a_user_of_the_host_is_made(cage):
    bound = cage.folder("bound")
    told = cage.told(SETUID, binds=[{"source": str(bound), "target": "/bound", "writable": True}])
    assert told == "done"
    made = {}
    for path in cage.everything():
        status = path.lstat()
        if stat.S_ISREG(status.st_mode) and status.st_mode & (stat.S_ISUID | stat.S_ISGID):
            made[str(path.relative_to(cage.place))] = status.st_uid
    if cage.kind == "nspawn":
        made = {path: uid for path, uid in made.items() if not path.startswith("bound/")}
    assert {path: uid for path, uid in made.items() if uid < 0x80000} == {}


SWAP = """
import json, os
os.rename("/bound/inner", "/bound/before")
os.symlink({target!r}, "/bound/inner")
print(json.dumps("swapped"))
"""


@pytest.mark.parametrize("deeper", ["", "/logs"])
def test_a_bind_that_became_a_link_refuses_the_start_and_says_so(cage, deeper):
    outer = cage.folder("outer")
    inner = outer / "inner"
    (inner / "logs").mkdir(parents=True)
    for folder in (inner, inner / "logs"):
        os.chown(folder, cage.user, cage.user)
    approved = {"source": f"{inner}{deeper}", "target": "/bound"}
    assert cage.told("print('\"fine\"')", binds=[approved]) == "fine"
    swapped = SWAP.format(target=str(cage.place / "state"))
    assert cage.told(swapped, binds=[{"source": str(outer), "target": "/bound", "writable": True}]) == "swapped"
    answer = cage.run("print(1)", binds=[approved])
    assert "lines" not in answer
    assert f"goes through the link {inner}" in answer["refused"]


def test_a_bind_of_what_is_the_hives_own_is_refused_at_the_start(cage):
    key = cage.place / "key"
    key.touch()
    folder = cage.folder("around")
    answer = cage.run("print(1)", binds=[{"source": str(folder), "target": "/bound"}], kept=[folder / "../around"])
    assert "of the hive itself" in answer["refused"]
    answer = cage.run("print(1)", binds=[{"source": str(key), "target": "/bound"}], kept=[key])
    assert "of the hive itself" in answer["refused"]
    answer = cage.run("print(1)", binds=[{"source": str(cage.place), "target": "/bound"}], kept=[key])
    assert "of the hive itself" in answer["refused"]


LITTER = """
import json, os
os.chdir("/agents/alice/state")
os.mkfifo("pipe")
with open("sparse", "w") as file:
    os.truncate("sparse", 2**43)
for _ in range(3000):
    os.mkdir("deeper")
    os.chdir("deeper")
print(json.dumps("done"))
"""


def test_deep_sparse_and_endless_things_hinder_neither_the_next_start_nor_the_end(cage):
    assert cage.told(LITTER) == "done"
    state = cage.place / "state/agents/alice/state"
    (cage.place / "state/agents/alice/owners").unlink(missing_ok=True)  # so that the next start walks over all of it
    assert cage.told("print('\"again\"')") == "again"
    assert sum(status.st_blocks * 512 for _, _, status in walk_tree(state)) < 100_000_000
    Workspace(cage.place / "state", cage.place / "run").purge("alice")
    assert not state.exists()


def test_what_the_version_before_left_is_the_agents_again(cage):
    """Under a root daemon an agent's files belonged to root; under another runtime to other uids of its range."""
    cage.told("print('\"made\"')")
    paths = Workspace(cage.place / "state", cage.place / "run").of("alice")
    (paths.root / "owners").unlink(missing_ok=True)
    subprocess.run(["chown", "-R", f"{cage.user}:{cage.user}", paths.root], check=True)
    (paths.state / "old").write_text('"old"')
    os.chown(paths.state / "old", cage.user, cage.user)
    (paths.state / "old").chmod(0o600)
    assert cage.told("print(open('/agents/alice/state/old').read()); open('/agents/alice/state/new', 'w')") == "old"
