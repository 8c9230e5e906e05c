"""Control groups: which hierarchies there are, what is written to them, and that the kernel then holds it."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from actors.agent.runtime import cgroup
from actors.agent.runtime.cgroup import Cgroups, Place, layout, settings
from harness.wire.agent_config import Limits
from tests.needs import REQUIRED, needs_root

V1 = """\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""
V1_OWN = "5:memory:/user.slice/x\n3:cpuset:/\n2:cpu,cpuacct:/\n1:name=systemd:/user.slice\n0::/user.slice\n"
TOP = Path("/sys/fs/cgroup")


def test_version_1_is_one_hierarchy_per_controller_and_the_named_ones_for_what_nspawn_makes_there():
    assert layout(V1, V1_OWN) == (
        Place(TOP / "cpu,cpuacct", "/", 1, frozenset({"cpu"})),
        Place(TOP / "memory", "/user.slice/x", 1, frozenset({"memory"})),
        Place(TOP / "systemd", "/user.slice", 1),
        Place(TOP / "unified", "/user.slice", 2),
    )


def test_version_2_is_one_hierarchy_and_a_mount_may_show_only_a_part_of_it():
    whole = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n"
    own = "0::/user.slice/user-1000.slice/session-2.scope\n"
    assert layout(whole, own) == (Place(TOP, "/user.slice/user-1000.slice/session-2.scope", 2),)
    part = "30 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw\n"
    assert layout(part, "0::/docker/abc/inner\n") == (Place(TOP, "/inner", 2),)
    assert layout(part, "0::/elsewhere\n") == (Place(TOP, "/", 2),)


def test_where_there_are_no_control_groups_there_is_no_place_and_every_limit_says_so(tmp_path):
    assert layout("", "") == ()
    said = Cgroups(tmp_path, ()).describe(Limits(memory="1G", cpu=1.0))
    assert set(said) == {"memory", "cpu"}
    assert all(text.startswith("not enforced") for text in said.values())


@pytest.mark.parametrize(
    ("version", "controller", "limits", "written"),
    [
        (1, "memory", Limits(memory="1M"), ["memory.limit_in_bytes=1048576", "memory.memsw.limit_in_bytes=1048576"]),
        (2, "memory", Limits(memory=4096), ["memory.max=4096", "memory.swap.max=0"]),
        (1, "cpu", Limits(cpu=0.5), ["cpu.cfs_period_us=100000", "cpu.cfs_quota_us=50000"]),
        (2, "cpu", Limits(cpu=2), ["cpu.max=200000 100000"]),
        (2, "cpu", Limits(cpu=0.000001), ["cpu.max=1000 100000"]),
        (1, "pids", Limits(pids=7), ["pids.max=7"]),
        (2, "pids", Limits(), []),
        (2, "memory", Limits(pids=7), []),
    ],
)
def test_what_a_limit_writes(version, controller, limits, written):
    assert [f"{file}={value}" for file, value in settings(version, controller, limits)] == written


def fake_v2(top: Path, controllers: str) -> Cgroups:
    """A hierarchy of version 2 as far as its files go; the kernel's part is to make them."""
    top.mkdir()
    for name, text in (("cgroup.controllers", controllers), ("cgroup.subtree_control", ""), ("cgroup.procs", "")):
        (top / name).write_text(text)
    return Cgroups(Path("/run/hive"), (Place(top, "/", 2),))


def test_version_2_hands_the_controllers_down_to_the_hives_own_group(tmp_path, monkeypatch):
    groups = fake_v2(tmp_path / "top", "cpuset cpu io memory pids")
    handed = []
    monkeypatch.setattr(cgroup, "_hand_down", lambda group, controller: not handed.append((group.name, controller)))
    joins = groups.make("alice", Limits(memory="1M", cpu=1.5, pids=9))
    folder = joins[0].parent
    assert (folder.name, folder.parent.parent) == ("alice", tmp_path / "top")
    assert {controller for group, controller in handed if group == folder.parent.name} == {"cpu", "memory", "pids"}
    assert (folder / "memory.max").read_text() == "1048576"
    assert (folder / "cpu.max").read_text() == "150000 100000"
    assert (folder / "pids.max").read_text() == "9"


def test_a_group_with_processes_of_its_own_can_hand_nothing_down_and_that_is_said(tmp_path, monkeypatch):
    groups = fake_v2(tmp_path / "top", "memory")
    monkeypatch.setattr(cgroup, "_hand_down", lambda group, controller: False)
    assert groups.describe(Limits(memory="1M"))["memory"].startswith("not enforced")
    assert not groups.enforces("memory")


def test_two_hives_on_one_machine_do_not_meet(tmp_path):
    place = Place(tmp_path, "/", 1, frozenset({"pids"}))
    (tmp_path / "cgroup.procs").touch()
    one, other = (Cgroups(Path(run), (place,)).joins("alice") for run in ("/run/a", "/run/b"))
    assert one != other


# ---- the kernel's word -------------------------------------------------------------------------------


@pytest.fixture
def real(tmp_path):
    groups = Cgroups(tmp_path)
    if lacking := [name for name in cgroup.CONTROLLERS if not groups.enforces(name)]:
        (pytest.fail if REQUIRED else pytest.skip)(
            f"no control group for {', '.join(lacking)} that could be written to"
        )
    yield groups
    groups.remove("alice")


def run_in(joins, script):
    enter = "".join(f"echo 0 > {join}; " for join in joins)
    return subprocess.Popen(["sh", "-c", enter + script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


EAT = "exec python3 -c 'bytearray(200 << 20)'"


@pytest.mark.slow
@needs_root
def test_the_kernel_ends_what_takes_more_memory_and_it_is_counted(real):
    eater = run_in(real.make("alice", Limits(memory="32M")), EAT)
    eater.communicate(timeout=20)
    assert eater.returncode == -9
    assert real.oom_kills("alice") == 1


@pytest.mark.slow
@needs_root
def test_the_limit_of_processes_holds_for_all_together(real):
    forker = run_in(real.make("alice", Limits(pids=5)), "for i in 1 2 3 4 5 6 7 8; do sleep 0.2 & done; wait")
    _, complaint = forker.communicate(timeout=20)
    assert "fork" in complaint


@needs_root
def test_end_all_finds_what_left_its_session_and_hid_its_environment(real):
    hider = run_in(real.make("alice", Limits()), "setsid env -i sleep 1000 & setsid sleep 1001 & echo up; wait")
    assert hider.stdout.readline() == "up\n"
    real.end_all("alice")
    hider.communicate(timeout=20)
    assert real.pids("alice") == set()


@needs_root
def test_a_removed_group_leaves_nothing_behind(real):
    joins = real.make("alice", Limits(pids=5))
    real.remove("alice")
    assert [join for join in joins if join.parent.parent.exists()] == []
    assert real.oom_kills("alice") == 0


@pytest.mark.slow
@needs_root
def test_agents_that_come_and_go_at_once_do_not_take_each_others_place_away(real):
    def come_and_go(name):
        for _ in range(20):
            assert all(join.exists() for join in real.make(name, Limits(pids=5)))
            real.remove(name)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(come_and_go, ("alice", "bob")))
    assert [join for join in real.joins("alice") if join.parent.parent.exists()] == []


@pytest.mark.slow
@needs_root
def test_a_fresh_group_has_none_of_the_limits_of_the_one_before(real):
    real.make("alice", Limits(memory="32M", pids=5))
    done = run_in(real.make("alice", Limits()), EAT)
    done.communicate(timeout=20)
    assert done.returncode == 0
