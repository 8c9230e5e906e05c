"""The page's libraries: built as soon as npm is there, and in the wheel or missed aloud."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.needs import needs
from web.build import FILES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
NPM = """#!/bin/sh
for file in {files}; do mkdir -p "node_modules/$(dirname "$file")"; echo built > "node_modules/$file"; done
""".format(files=" ".join(FILES.values()))


@pytest.fixture
def checkout(tmp_path):
    """What is tracked, as a fresh clone has it; `tools` stands for the folder of the machine's programs."""
    place = tmp_path / "clone"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", "actors", "harness", "web", "prompts", "Makefile",
         "pyproject.toml", "requirements.txt", "requirements-dev.txt", "README.md", "LICENSE"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, listed):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, place / name)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "make", "git", "mkdir", "dirname", "touch", "echo", "cat"):
        (tools / name).symlink_to(shutil.which(name))
    return place


def run(checkout, *argv):
    env = {"PATH": str(checkout.parent / "tools"), "HOME": str(checkout.parent), "LANG": "C.UTF-8"}
    done = subprocess.run(argv, cwd=checkout, env=env, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def install_npm(checkout):
    npm = checkout.parent / "tools/npm"
    npm.write_text(NPM)
    npm.chmod(0o755)


def vendor(checkout):
    folder = checkout / "web/static/vendor"
    return sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []


@needs("make")
def test_npm_that_is_installed_after_the_first_demo_builds_the_libraries_at_the_next(checkout):
    for name in (".venv/bin/hive", ".venv/.installed"):
        place = checkout / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("#!/bin/sh\necho it plays\n")
        place.chmod(0o755)
    os.utime(checkout / ".venv/.installed")  # younger than what it is made of
    demo = ("make", "demo", f"PYTHON={sys.executable}")
    for _ in range(2):
        said = run(checkout, *demo)
        assert ("npm is not installed" in said, "it plays" in said, vendor(checkout)) == (True, True, [])
    install_npm(checkout)
    assert "it plays" in run(checkout, *demo)
    assert vendor(checkout) == sorted(FILES)
    (checkout / "web/static/vendor/uPlot.min.css").unlink()
    run(checkout, *demo)
    assert vendor(checkout) == sorted(FILES)
    os.truncate(checkout.parent / "tools/npm", 0)  # not run again when all is there
    assert "web/build.py" not in run(checkout, *demo)


def test_make_knows_every_library():
    (line,) = re.findall(r"^VENDOR := .*,(.*)\)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert sorted(line.split()) == sorted(FILES)


def test_a_wheel_contains_the_libraries_or_its_build_says_that_it_does_not(checkout):
    build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel")
    assert "does not contain the page's libraries (htmx.min.js, uPlot" in run(checkout, *build)
    assert libraries_in(checkout) == []
    install_npm(checkout)
    assert "does not contain" not in run(checkout, *build)
    assert libraries_in(checkout) == sorted(FILES)


def libraries_in(checkout):
    (wheel,) = (checkout / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return sorted(Path(one).name for one in archive.namelist() if "static/vendor/" in one)
