"""A program of hive starts another one from wherever it runs itself."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("way", [["-c"], ["-P", "-c"]])
def test_a_program_without_a_script_of_its_own_finds_the_packages_in_the_present_folder(way):
    """As a worker of a test runner, whose argv[0] is `-c`, started in the folder that holds the packages."""
    found = subprocess.run(
        [sys.executable, *way, "import sys; from harness.wire.interpreter import searched; print(*searched())"],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(ROOT) in found.stdout.split()
