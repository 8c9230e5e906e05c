"""docs/adding-a-verb.md is true: its diffs apply to this tree, and what they add works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DIFFS = re.findall(r"^```diff\n(.*?)^```$", (ROOT / "docs/adding-a-verb.md").read_text(), re.MULTILINE | re.DOTALL)
CHECKS = ["tests/actors/test_routes.py", "tests/test_protocol_page.py", "tests/harness/test_wire_verbs.py"]
NEEDED = ["actors", "harness", "web", "prompts", "tests", "docs", "nix", "pyproject.toml"]


def touched():
    return [re.search(r"^\+\+\+ b/(\S+)$", diff, re.MULTILINE)[1] for diff in DIFFS]


def tracked():
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *NEEDED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


@pytest.fixture
def copy(tmp_path):
    for name in tracked():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def run(copy, *argv, **options):
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        argv, cwd=copy, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options
    )


def test_a_verb_of_agents_touches_two_sources_one_test_and_one_page():
    assert sorted(name.split("/")[0] for name in touched()) == ["actors", "docs", "harness", "tests"]


@pytest.mark.slow
def test_the_diffs_apply_to_this_tree_and_the_new_test_passes(copy):
    (new,) = [name for name in touched() if name.startswith("tests/")]
    assert not (copy / new).exists()
    applied = run(copy, "git", "apply", "-", input="".join(DIFFS))
    assert applied.returncode == 0, applied.stdout
    pytest_of_the_copy = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        f"--basetemp={copy}/temporary",
    ]
    tests = run(copy, *pytest_of_the_copy, new, *CHECKS)
    assert tests.returncode == 0, tests.stdout
