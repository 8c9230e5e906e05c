"""Attacks on what all agents share: processes, memory, /tmp and /dev/shm. Every attack is small and stops by itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from actors.agent.workspace.paths import Workspace
from actors.cli.boundary.promises import PROMISES, YES
from actors.quotas.usage import disk_usage
from tests.actors.agent import nspawn_parts
from tests.redteam.cages import ROOT, becoming

pytestmark = pytest.mark.slow

PIDS = 40

# Bounded by its own count, so that a limit that does not hold costs 200 sleeping processes for a moment.
FORK_BOMB = """
import json, os, resource, signal, time
children, why = [], None
try:
    resource.setrlimit(resource.RLIMIT_NPROC, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
except (ValueError, OSError):
    pass
try:
    while len(children) < 200:
        child = os.fork()
        if child == 0:
            time.sleep(30)
            os._exit(0)
        children.append(child)
except OSError as error:
    why = error.strerror
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
print(json.dumps({"children": len(children), "why": why}))
"""


def test_a_fork_bomb_ends_at_the_limit(cage):
    said = cage.said({"pids": PIDS})
    told = cage.told(FORK_BOMB, limits={"pids": PIDS})
    assert not said["pids"].startswith("not enforced")
    assert told["why"] is not None
    assert told["children"] < PIDS


# 300 MiB at most: each of three processes stays below the limit that all of them exceed together.
EATERS = """
import json, os, signal, time
children = []
pipes = []
for _ in range(3):
    got, gave = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            block = bytearray(100 * 1024 * 1024)
            block[::4096] = b"x" * len(block[::4096])
            os.write(gave, b"ate")
            time.sleep(30)
        finally:
            os._exit(1)
    os.close(gave)
    children.append(child)
    pipes.append(got)
ate = sum(os.read(end, 3) == b"ate" for end in pipes)
alive = [child for child in children if os.waitpid(child, os.WNOHANG)[0] == 0]
for child in alive:
    os.kill(child, signal.SIGKILL)
print(json.dumps(min(ate, len(alive))))
"""


def test_memory_is_held_for_all_processes_together_or_said_not_to_be(cage):
    said = cage.said({"memory": "200M"})["memory"]
    answer = cage.run(EATERS, limits={"memory": "200M"})
    ate = answer["lines"][-1] if answer["lines"] else "0"
    if said.startswith("not enforced"):
        assert cage.kind == "bwrap-user"
    else:
        assert ate.strip() != "3", answer


BOUNDED = """
import json, os
found = {}
for place in ("/tmp", "/dev/shm"):
    room = os.statvfs(place)
    total = room.f_blocks * room.f_frsize
    handle = os.open(place + "/fill", os.O_RDWR | os.O_CREAT)
    try:
        os.posix_fallocate(handle, 0, total + (1 << 20))
        found[place] = "got away with it"
    except OSError as error:
        found[place] = total
    os.close(handle)
    os.unlink(place + "/fill")
print(json.dumps(found))
"""


def test_tmp_and_shared_memory_end_at_their_size(cage):
    """Held by the memory limit first, where there is one; the fallocate is refused as a whole or ends there."""
    found = cage.told(BOUNDED)
    assert all(isinstance(size, int) and size <= 2 * 1024**3 for size in found.values()), found


MAKE_SETUID = """
import json, os, shutil
place = "/project/root-shell"
shutil.copy("/bin/sh", place)
try:
    os.chmod(place, 0o4755)
except OSError as error:
    print(json.dumps(error.strerror))
else:
    here = os.statvfs("/project").f_flag
    print(json.dumps("nosuid" if here & os.ST_NOSUID else "takes effect"))
"""


def test_a_setuid_file_below_a_writable_bind_is_refused_or_has_no_effect_inside(cage):
    folder = cage.folder("project")
    told = cage.told(MAKE_SETUID, binds=[{"source": str(folder), "target": "/project", "writable": True}])
    assert told == ("nosuid" if cage.kind == "nspawn" else "Operation not permitted")


def test_doctor_tries_what_it_reports_and_every_plain_promise_holds(cage):
    """`hive doctor` as the daemon's user; promises that depend on the machine are held, or reported as not held or not promised here."""
    state = cage.folder("state")
    if cage.kind == "nspawn":
        (state / "images").symlink_to(nspawn_parts.cached_image().root.parent.parent)
    kind = {"bwrap-root": "bwrap_root", "bwrap-user": "bwrap_user"}.get(cage.kind, cage.kind)
    done = subprocess.run(
        [*becoming(cage.user), sys.executable, "-m", "actors.cli", "doctor", "--json", "--state-dir", str(state),
         "--runtime", kind.partition("_")[0]],
        capture_output=True, text=True, cwd=ROOT, timeout=100, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(Path.home()), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    said = {one["check"].removeprefix("boundary "): one["text"] for one in json.loads(done.stdout)}
    assert "Claude Code" in said["harness"], said["harness"]
    for promise in PROMISES:
        word = said[promise.key].partition(":")[0]
        assert word in {"held", "not held", "not promised here"}, said[promise.key]
        if promise.of(kind) == YES:
            assert word == "held", said[promise.key]


FILL = """
import json, os
with open("data", "wb") as file:
    file.write(b"x" * (8 << 20))
with open("sparse", "wb") as file:
    file.truncate(1 << 40)
os.link("data", "again")
os.symlink("/usr", "system")
here = os.open(".", os.O_RDONLY)
for _ in range(2000):
    os.mkdir("d", dir_fd=here)
    here = os.open("d", os.O_RDONLY, dir_fd=here)
    if here > 900:
        os.closerange(3, here)
print(json.dumps("done"))
"""


def test_what_an_agent_has_on_the_disk_is_measured_whatever_shape_it_has(cage):
    """Blocks are counted: neither a sparse file nor a link is more than it costs, and depth hides nothing."""
    assert cage.told(FILL) == "done"
    paths = Workspace(cage.place / "state", cage.place / "run").of("alice")
    usage = disk_usage(paths)
    assert usage.complete
    assert 8 << 20 <= usage.disk_bytes < 20 << 20
    assert usage.entries > 2000
