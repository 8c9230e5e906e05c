"""hive works however it was installed, and a container is shown its Python and its packages, and nothing else of a home."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.actors.agent import nspawn_parts
from tests.installing.conftest import run
from tests.needs import needs
from tests.redteam.cages import USER, becoming

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
