"""The package is usable on its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
THIRD_PARTY = {"pykka", "gevent", "greenlet", "zope", "_cffi_backend", "cffi", "cython_runtime"}

PROBE = """
import sys
before = set(sys.modules)
import actors.supervision
print("\\n".join(set(sys.modules) - before))
"""


def run(program):
    shown = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True)
    return shown.stdout.split()


@pytest.mark.slow
def test_it_imports_pykka_gevent_and_the_standard_library_and_nothing_else_of_the_hive():
    names = {name for name in run(PROBE) if name != "actors" and not name.startswith("actors.supervision")}
    packages = {name.partition(".")[0] for name in names if not name.startswith("_cython_")}
    assert {name for name in packages if name not in sys.stdlib_module_names} <= THIRD_PARTY


@pytest.mark.slow
def test_nothing_is_patched():
    program = "import actors.supervision, gevent.monkey; print(gevent.monkey.is_module_patched('threading'))"
    assert run(program) == ["False"]
