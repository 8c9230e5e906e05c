"""hive installed as its users install it: one wheel, built once, and everything it needs, fetched once."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.needs import REQUIRED

ROOT = Path(__file__).parents[2]
PYTHON = os.path.realpath(sys.executable)
"""A Python without hive: that of no environment."""

SCRIPT = f"""#!{PYTHON} -IS
import sys
import site
import functools
functools.reduce(lambda known, place: site.addsitedir(place, known), {{places!r}}, site._init_pathinfo())
"""
"""What Nix puts before a program of Python: the folder of each package, added by the script itself. -S: a Python of
Nix has no packages of its own."""


@dataclass(frozen=True)
class Installed:
    """One way of installing: the home of the user, the program, and a Python with the packages."""

    home: Path
    hive: Path
    python: tuple[str, ...]
    """Before the file of a program that imports hive."""

    @property
    def env(self):
        tools = Path(sys.executable).parent  # nothing of the environment that the tests run in may help
        path = os.pathsep.join(one for one in os.environ["PATH"].split(os.pathsep) if Path(one) != tools)
        return {"PATH": path, "HOME": str(self.home), "LANG": "C.UTF-8", "TMPDIR": str(self.home.parent / "t")}


def run(*argv, env):
    done = subprocess.run([str(one) for one in argv], env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def place():
    """Not below a folder of pytest: sockets lie here, and their paths are short. Other users can pass."""
    made = Path(tempfile.mkdtemp(prefix="hi-", dir="/tmp"))
    made.chmod(0o755)
    (made / "t").mkdir(mode=0o1777)
    (made / "t").chmod(0o1777)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="session")
def wheels(place):
    """A folder with hive's wheel, those it needs, and the tools of other ways; nothing more is fetched after this."""
    folder = place / "wheels"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT, env=env)
    argv = [*pip, "download", "--dest", folder, "--find-links", folder, "hyperhive", "uv", "pipx"]
    fetched = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=600, check=False)
    if fetched.returncode != 0:
        (pytest.fail if REQUIRED else pytest.skip)(f"the wheels cannot be fetched: {fetched.stderr[-300:]}")
    return folder


@pytest.fixture(scope="session")
def tools(place, wheels):
    """uv and pipx in an environment of their own, and the variables with which they stay on this machine."""
    run(PYTHON, "-m", "venv", place / "tools", env=dict(os.environ))
    pip = (place / "tools/bin/python", "-m", "pip", "--quiet")
    run(*pip, "install", "--no-index", "--find-links", wheels, "uv", "pipx", env=dict(os.environ))
    env = {"UV_OFFLINE": "1", "UV_NO_INDEX": "1", "UV_FIND_LINKS": str(wheels), "UV_CACHE_DIR": str(place / "cache")}
    return place / "tools/bin", {**env, "UV_PYTHON": PYTHON, "UV_NO_CONFIG": "1"}


def home_of(place, name):
    """A home with what is nobody else's, beside what an installer puts there."""
    home = place / name
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh/id_ed25519").write_text("a key\n")
    (home / "secret.py").write_text("secret = 1\n")
    return home


@pytest.fixture(scope="session")
def user(place, wheels):
    """`pip install --user`, beside a package of another program."""
    home = home_of(place, "user")
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    pip = (PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check")
    options = (
        "--user",
        "--no-compile",
        "--ignore-installed",
        "--no-index",
        "--find-links",
        wheels,
        "--no-warn-script-location",
    )
    run(*pip, "install", *options, "--root-user-action=ignore", "hyperhive", env=env)
    (others,) = (home / ".local/lib").glob("python*/site-packages")
    (others / "another").mkdir()
    (others / "another/secret.py").write_text("secret = 1\n")
    return Installed(home, home / ".local/bin/hive", (PYTHON,))


@pytest.fixture(scope="session")
def uv_tool(place, tools):
    home = home_of(place, "tool")
    folder, variables = tools
    run(
        folder / "uv",
        "tool",
        "install",
        "--quiet",
        "hyperhive",
        env={**variables, "HOME": str(home), "PATH": os.environ["PATH"]},
    )
    return Installed(home, home / ".local/bin/hive", (str(home / ".local/share/uv/tools/hyperhive/bin/python"),))


@pytest.fixture(scope="session")
def pipx(place, tools):
    home = home_of(place, "pipx")
    folder, variables = tools
    env = {**variables, "HOME": str(home), "PATH": f"{folder}:{os.environ['PATH']}", "PIPX_DEFAULT_PYTHON": PYTHON}
    run(folder / "pipx", "install", "--backend", "uv", "hyperhive", env=env)
    (python,) = home.glob(".local/**/venvs/hyperhive/bin/python")
    return Installed(home, home / ".local/bin/hive", (str(python),))


@pytest.fixture(scope="session")
def store(place, wheels, tools):
    """A folder for each package, and a program that adds them all: as Nix installs."""
    home = home_of(place, "wrapped")
    folder, variables = tools
    env = {**variables, "HOME": str(home), "PATH": os.environ["PATH"]}
    places = []
    for wheel in sorted(wheels.glob("*.whl")):
        if wheel.name.split("-")[0] in {"uv", "pipx", "argcomplete", "filelock", "platformdirs", "userpath"}:
            continue
        places.append(str(home / "store" / wheel.name.split("-")[0] / "lib"))
        run(folder / "uv", "pip", "install", "--quiet", "--no-deps", "--target", places[-1], wheel, env=env)
    runs = "import runpy\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name='__main__')\n"
    for name, what in (("hive", "from actors.cli.main import main\nsys.exit(main())\n"), ("python", runs)):
        program = home / "store/bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(SCRIPT.format(places=places) + what)
        program.chmod(0o755)
    return Installed(home, home / "store/bin/hive", (str(home / "store/bin/python"),))


@pytest.fixture(scope="session")
def chain(place, tools):
    """An environment whose python is a link to a link to a link, each in a folder of its own in the home."""
    home = home_of(place, "chain")
    folder, variables = tools
    before = Path(PYTHON)
    for step in ("one", "two", "three"):
        link = home / step / "python3"
        link.parent.mkdir()
        link.symlink_to(before)
        before = link
    run(before, "-m", "venv", "--without-pip", home / "env", env=dict(os.environ))
    python = home / "env/bin/python"
    run(
        folder / "uv",
        "pip",
        "install",
        "--quiet",
        "--python",
        python,
        "hyperhive",
        env={**variables, "HOME": str(home), "PATH": os.environ["PATH"]},
    )
    return Installed(home, home / "env/bin/hive", (str(python),))
