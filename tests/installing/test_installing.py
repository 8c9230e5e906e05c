"""hive works however it was installed; a container is shown its Python and its packages, and nothing else of a home; and
the page that says how hive is removed, carried out, leaves nothing of it. One file, so that one wheel is built."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.actors.agent import nspawn_parts
from tests.installing.conftest import Installed, home_of, run
from tests.needs import needs
from tests.redteam.cages import USER, becoming, lacking
from tests.waiting import survivors

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

INSIDE = Path(__file__).with_name("inside.py")
WAYS = ("user", "uv_tool", "pipx", "store", "chain")
DEMOS = ("user", "uv_tool", "store")

PACKAGES = {
    "user": ".local/lib/python*/site-packages/*",
    "uv_tool": ".local/share/uv/tools/hyperhive/lib/python*/site-packages",
    "pipx": ".local/**/venvs/hyperhive/lib/python*/site-packages",
    "store": "store/*/lib/*",
    "chain": "env/lib/python*/site-packages",
}
"""Of the home, what a container may be shown."""


def check(name, request, kind, before=()):
    way = request.getfixturevalue(name)
    allowed = [str(one) for one in way.home.glob(PACKAGES[name]) if one.name != "another"]
    folder = way.home.parent / "t" / f"{kind}-{name}"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    if kind == "nspawn":
        (folder / "state").mkdir()
        (folder / "state/images").symlink_to(nspawn_parts.cached_image().root.parent.parent)
    try:
        argv = (*before, *way.python, INSIDE, kind, folder, way.home, *allowed)
        told = json.loads(run(*argv, env=way.env).splitlines()[-1])
    finally:
        (folder / "state/images").unlink(missing_ok=True)
        shutil.rmtree(folder)
    assert (told["beyond"], told["python"], told["seen"] > 0) == ([], "3", True)


@needs("bwrap")
@pytest.mark.parametrize("name", WAYS)
def test_a_container_finds_its_packages_and_nothing_else_of_the_home(name, request):
    check(name, request, "bwrap")


@pytest.mark.parametrize("name", ["user", "store"])
def test_a_container_of_an_ordinary_user_does_too(name, request):
    check(name, request, "bwrap", before=becoming(USER))


@nspawn_parts.needs_nspawn
@pytest.mark.parametrize("name", ["user", "store"])
def test_a_machine_of_its_own_does_too(name, request):
    check(name, request, "nspawn")


@needs("bwrap")
@pytest.mark.parametrize("name", DEMOS)
def test_the_demo_runs_from_the_wheel(name, request):
    way = request.getfixturevalue(name)
    done = subprocess.run(
        [way.hive, "demo", "--once"], env=way.env, capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "Everything that was expected happened." in done.stdout


# ---- removed -------------------------------------------------------------------------------------------

PAGE = Path(__file__).parents[2] / "docs/howto/uninstall.md"
BLOCKS = dict(re.findall(r"<!-- tried: (\w+) -->\n```\n(.*?)```", PAGE.read_text(), re.DOTALL))
UNITS = ("/etc/systemd/system/hive.service", "~/.config/systemd/user/hive.service")


@pytest.fixture
def leaving(place, tools):
    """An installation of an ordinary user, with a runtime folder as a login session has it."""
    home, runtime = home_of(place, "leaving"), place / "x"
    folder, variables = tools
    before = everything(home)
    run(
        folder / "uv",
        "tool",
        "install",
        "--quiet",
        "hyperhive",
        env={**variables, "HOME": str(home), "PATH": os.environ["PATH"]},
    )
    runtime.mkdir(mode=0o700)
    for top in (home, runtime):
        os.chown(top, USER, USER)
        for one in top.rglob("*"):
            os.chown(one, USER, USER, follow_symlinks=False)
    return Installed(home, home / ".local/bin/hive", ()), runtime, before


def everything(place):
    return sorted(str(one.relative_to(place)) for one in place.rglob("*") if not one.is_dir() or one.is_symlink())


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def of_the_user():
    return {one for one in psutil.process_iter() if one.uids().real == USER}


@needs("bwrap", "pgrep", "sh")
@pytest.mark.skipif(lacking("bwrap-user") is not None, reason=lacking("bwrap-user") or "")
def test_what_the_page_says_leaves_nothing(leaving, tools):
    (installed, runtime, before), (folder, variables) = leaving, tools
    env = {**installed.env, **variables, "XDG_RUNTIME_DIR": str(runtime)}
    env["PATH"] = f"{installed.hive.parent}:{folder}:{env['PATH']}"
    started = subprocess.Popen(
        [*becoming(USER), installed.hive, "up", "--web-port", str(free_port())], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )  # fmt: skip

    def say(text):
        return subprocess.run(
            [*becoming(USER), "sh", "-ec", text], env=env, capture_output=True, text=True, check=False
        )

    try:
        while "http" not in (line := started.stdout.readline()):
            assert line, "the hive ended"
        assert say("hive spawn alice").returncode == 0
        assert say(BLOCKS["look"]).stdout.count("harness.main") >= 2
        stopped = say(BLOCKS["agents"])
        assert stopped.returncode == 0, stopped.stderr
        rows = json.loads(say("hive agents --json").stdout)
        assert sorted((one["name"], one["state"]) for one in rows) == [("alice", "stopped"), ("manager", "stopped")]
        started.send_signal(signal.SIGINT)
        started.communicate(timeout=60)
        assert not survivors(of_the_user(), seconds=10)
        assert say(BLOCKS["look"]).stdout == ""
        assert (installed.home / ".local/state/hyperhive").exists()
        assert say(BLOCKS["data"]).returncode == 0
        assert say("uv tool uninstall hyperhive").returncode == 0
    finally:
        started.kill()
        started.communicate()
        for one in of_the_user():
            one.kill()
    assert everything(runtime) == []
    tools_own = {".local/share/uv/tools/.lock", ".local/share/uv/tools/.gitignore"}  # uv's, with or without hive
    assert sorted(set(everything(installed.home)) - tools_own) == before


def test_the_page_names_every_unit_and_every_default_place():
    text = PAGE.read_text()
    units = {path.name for path in (PAGE.parents[1]).glob("*.service")}
    assert units == {"hive.service", "hive-user.service"}
    for place in (
        *UNITS,
        "/var/lib/hyperhive",
        "/run/hyperhive",
        "/etc/hyperhive",
        "~/.config/hyperhive",
        "~/.local/state/hyperhive",
    ):
        assert place in text, place
