"""The unit files say what the daemon relies on, and the NixOS module says the same."""

import configparser
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from actors.agent.workspace.paths import Workspace
from actors.daemon_settings import DaemonSettings
from tests.actors.agent import nspawn_parts
from tests.needs import REQUIRED, needs, needs_root

ROOT = Path(__file__).parents[3]
FILES = ("hive.service", "hive-user.service")

# As the unit restricts its processes, as far as that can be had without systemd: rights, gained ones, the system's folders.
RESTRICTED = """
for folder in /usr /etc /boot; do
    mount --bind $folder $folder && mount -o remount,bind,ro $folder || exit
done
capabilities=$1
shift
exec setpriv --no-new-privs "--bounding-set=-all,$capabilities" -- "$@"
"""


def unit(file="hive.service"):
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string((ROOT / "docs" / file).read_text())
    return parser


def exposure(file):
    """What systemd-analyze says of this unit file: 0 is safe, 10 is bare."""
    argv = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(ROOT / "docs" / file)]
    said = subprocess.run(
        argv, capture_output=True, text=True, check=True, env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    ).stdout
    return float(re.search(r"Overall exposure level for \S+: ([\d.]+)", said)[1])


@needs("systemd-analyze")
def test_the_units_are_no_more_exposed_than_the_page_says():
    page = (ROOT / "docs/operations.md").read_text()
    system, user = re.search(r"says \*\*([\d.]+)\*\*.* and ([\d.]+) for the user's", page, re.DOTALL).groups()
    assert (exposure("hive.service"), exposure("hive-user.service")) <= (float(system), float(user))
    assert exposure("hive-user.service") <= float(user)


@needs("systemd-analyze")
@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_systemd_knows_every_line_of_the_units(file, tmp_path):
    text = (ROOT / "docs" / file).read_text()
    (tmp_path / file).write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", text, flags=re.MULTILINE))
    argv = ["systemd-analyze", "verify", "--man=no", str(tmp_path / file)]
    done = subprocess.run(
        argv,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert not [line for line in done.stderr.splitlines() if file in line], done.stderr


@needs_root
@needs("unshare", "setpriv", "mount", "bwrap")
@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["bwrap", "nspawn"])
def test_what_the_unit_takes_from_the_daemon_its_agents_do_not_miss(runtime, request):
    if runtime == "nspawn" and (lacking := nspawn_parts.lacking()):
        (pytest.fail if REQUIRED else pytest.skip)(lacking)
    capabilities = ",".join(
        f"+{one.removeprefix('CAP_').lower()}" for one in unit()["Service"]["CapabilityBoundingSet"].split()
    )
    place = tempfile.mkdtemp(prefix="hive-")  # sockets lie there, and their paths are short
    request.addfinalizer(lambda: shutil.rmtree(place))
    if runtime == "nspawn":
        nspawn_parts.with_image(Workspace(Path(place, "state"), Path(place, "run")))
    hive = [
        sys.executable,
        "-m",
        "actors.cli",
        "doctor",
        "--json",
        "--runtime",
        runtime,
        "--state-dir",
        f"{place}/state",
    ]
    argv = ["unshare", "--mount", "sh", "-c", RESTRICTED, "sh", capabilities, *hive, "harness", "cgroup", "boundary"]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = {one["check"]: one for one in json.loads(done.stdout)}
    assert {name: one["text"] for name, one in found.items() if one["level"] != "ok"} == {}
    assert {"harness", "boundary kernel root", "boundary memory"} <= set(found)


@pytest.mark.parametrize("file", FILES)
def test_a_unit_keeps_its_agents_and_leaves_their_groups_to_the_hive(file):
    service = unit(file)["Service"]
    kept = ("Type", "KillMode", "RuntimeDirectoryPreserve", "Delegate", "NoNewPrivileges")
    assert [service[key] for key in kept] == ["notify", "process", "yes", "yes", "yes"]


def test_systemd_waits_longer_than_the_deadlines_of_the_daemon_together():
    # As docs/operations.md lists them: sockets, components, agents, manager, components again, broker, store, service.
    agents = DaemonSettings(state_dir=ROOT, run_dir=ROOT).grace_seconds + 10 + 10
    assert int(unit()["Service"]["TimeoutStopSec"]) > 10 + 3 * 2 + 4 * 5 + agents + 4 * 5 + 15 + 30 + 5


def test_the_module_for_nixos_says_the_same():
    module = (ROOT / "nix/host.nix").read_text()
    numbers = {"WatchdogSec", "TimeoutStopSec", "FileDescriptorStoreMax"}
    elsewhere = {"ExecStart", "RestartSec", "Environment", "SyslogIdentifier"}  # said otherwise there, or the default
    for key, value in unit()["Service"].items():
        if key not in elsewhere:
            assert (f"{key} = {value};" if key in numbers else f'{key} = "{value}";') in module
