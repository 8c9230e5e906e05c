"""`hive doctor` on eight machines on which something is really broken: it names the cause in each."""

import os
import shutil
import socket
import tempfile
from pathlib import Path

import pytest

from actors.agent.runtime import bwrap
from tests.actors.cli.broken_machine import ROOT, doctor, doctor_without_user_namespaces, trouble_with_mounts
from tests.needs import REQUIRED, needs, needs_root

pytestmark = pytest.mark.slow
VENDOR = ROOT / "web/static/vendor"


@pytest.fixture
def state():
    # Not tmp_path: the socket in the run dir below it has a short path, and agents' uids may enter it.
    with tempfile.TemporaryDirectory(prefix="hive-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "s"


def cannot_be_broken(reason):
    """This machine has no means to play the broken one."""
    (pytest.fail if REQUIRED else pytest.skip)(reason)


@pytest.fixture(autouse=True, scope="module")
def mounts():
    if (trouble := trouble_with_mounts()) is not None:
        cannot_be_broken(f"no mounts of a process of its own here: {trouble}")


def without(program, tmp_path):
    """A PATH that has every program but that one."""
    place = tmp_path / "programs"
    place.mkdir()
    for folder in reversed(os.environ["PATH"].split(":")):
        for file in Path(folder).iterdir() if Path(folder).is_dir() else ():
            link = place / file.name
            if file.name != program:
                link.unlink(missing_ok=True)
                link.symlink_to(file)
    return str(place)


@needs_root
@needs("bwrap", "unshare")
def test_user_namespaces_that_are_off_are_named_with_their_switch(state):
    if (trouble := bwrap.probe()) is not None:
        cannot_be_broken(f"user namespaces cannot be taken away here: {trouble}")
    report = doctor_without_user_namespaces(state, "runtime", "bwrap", "harness", "git")
    assert report.exit_code == 1
    assert report.bad() == ["bwrap", "harness", "runtime"]
    for check in ("bwrap", "runtime", "harness"):
        assert "user namespaces are off: user.max_user_namespaces is 0" in report.findings[check]["text"]


@needs_root
@needs("unshare")
def test_a_missing_bwrap_is_named_as_what_no_sandbox_can_be_made_without(state, tmp_path):
    report = doctor(state, "runtime", "bwrap", "harness", "git", path=without("bwrap", tmp_path))
    assert report.exit_code == 1
    assert report.bad() == ["bwrap", "harness", "runtime"]
    assert report.findings["bwrap"]["text"] == "not installed"
    assert report.findings["bwrap"]["hint"] == "apt install bubblewrap"
    for check in ("runtime", "harness"):
        assert "bubblewrap is not installed" in report.findings[check]["text"]


@needs_root
@needs("unshare", "mount")
def test_browser_libraries_that_npm_has_not_built_are_named_file_by_file(state, tmp_path):
    marker = f"mount -t tmpfs none {VENDOR} && touch {VENDOR}/.built {VENDOR}/htmx.min.js"
    report = doctor(state, "web", broken_by=marker, path=without("npm", tmp_path))
    assert report.exit_code == 0  # the page can be read without them
    found = report.findings["web"]
    assert found["level"] == "warn"
    assert all(name in found["text"] for name in ("htmx.min.js", "uPlot.iife.min.js", "uPlot.min.css"))
    assert "install npm" in found["hint"]


@needs_root
@needs("unshare")
def test_a_port_that_another_program_has_is_named(state):
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = other.getsockname()[1]
        report = doctor(state, "port", "lock", flags=("--web-port", str(number)))
        assert (report.exit_code, report.bad()) == (1, ["port"])
        assert report.findings["port"]["text"] == f"127.0.0.1:{number} is taken by another program"
    assert doctor(state, "port", flags=("--web-port", str(number))).exit_code == 0


@needs_root
@needs("unshare", "mount")
def test_a_full_disk_is_named_by_what_could_not_be_written_and_by_what_is_free(state):
    state.mkdir()
    full = f"mount -t tmpfs -o size=1m none {state} && (cat /dev/zero > {state}/filled 2>/dev/null || true)"
    report = doctor(state, "state_dir", "disk", "clock", "git", broken_by=full)
    assert (report.exit_code, report.bad()) == (1, ["disk", "state_dir"])
    assert report.findings["state_dir"]["text"] == f"{state} has no space left"
    assert report.findings["disk"]["text"].startswith(f"0 MiB free at {state}")


@needs_root
@needs("unshare", "mount")
def test_a_read_only_state_dir_is_named(state):
    state.mkdir()
    readonly = f"mount -t tmpfs -o ro none {state}"
    # Without a port: another hive on this machine may have the usual one.
    report = doctor(state, "state_dir", "run_dir", "lock", broken_by=readonly, flags=("--web-port", "0"))
    assert (report.exit_code, report.bad()) == (1, ["run_dir", "state_dir"])
    assert report.findings["state_dir"]["text"] == f"{state} is mounted read-only"
    assert report.findings["run_dir"]["text"] == f"{state} is mounted read-only"


@needs_root
@needs("unshare", "mount")
def test_control_groups_without_the_right_to_write_are_named_with_their_mount(state):
    read_only = (
        "for group in $(awk '$3 ~ /^cgroup/ {print $2}' /proc/self/mounts); do mount -o remount,bind,ro $group; done"
    )
    whole = doctor(state, "cgroup").findings["cgroup"]
    if whole["level"] != "ok":
        cannot_be_broken(f"no control groups here: {whole['text']}")
    assert whole["text"] == "limits of memory, cpu, pids were set on a process and hold"
    report = doctor(state, "cgroup", "git", broken_by=read_only)
    found = report.findings["cgroup"]
    assert found["level"] == "warn"
    assert "no limit of memory, cpu, pids" in found["text"]
    assert "is mounted read-only" in found["text"]


@needs_root
@needs("unshare", "bwrap")
def test_a_program_behind_a_link_that_a_sandbox_does_not_show_is_named_with_that_link(state, tmp_path):
    """`claude_cli` is a link to a link, which lies in a folder of its own and leads nowhere."""
    (tmp_path / "opt").mkdir()
    (tmp_path / "opt/claude").symlink_to(tmp_path / "gone/claude")
    (tmp_path / "claude").symlink_to(tmp_path / "opt/claude")
    report = doctor(state, "harness", "runtime", flags=("--claude-cli", str(tmp_path / "claude")))
    assert (report.exit_code, report.bad()) == (1, ["harness"])
    assert f"which leads to {tmp_path}/gone/claude, and that does not exist" in report.findings["harness"]["text"]
    assert not shutil.which("claude", path=str(tmp_path))
