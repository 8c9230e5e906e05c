"""The package is usable on its own."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
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
def test_it_imports_pykka_gevent_and_the_standard_library_and_nothing_else_of_hive():
    names = {name for name in run(PROBE) if name != "actors" and not name.startswith("actors.supervision")}
    packages = {name.partition(".")[0] for name in names if not name.startswith("_cython_")}
    assert {name for name in packages if name not in sys.stdlib_module_names} <= THIRD_PARTY


@pytest.mark.slow
def test_nothing_is_patched():
    program = "import actors.supervision, gevent.monkey; print(gevent.monkey.is_module_patched('threading'))"
    assert run(program) == ["False"]


def modules():
    """Each module of the package by its name, with the modules of the package that it imports, wherever that stands."""
    named = {}
    for path in (ROOT / "actors" / "supervision").rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return {name: imported(path) & named.keys() - {name} for name, path in named.items()}


def imported(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_no_module_imports_itself_through_others():
    graph = modules()
    assert graph["actors.supervision.supervisor.supervisor"]
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def test_an_actor_knows_no_supervisor_and_a_supervisor_no_process():
    graph = modules()
    below = {
        "actors.supervision.actor.": ("actors.supervision.supervisor", "actors.supervision.processes"),
        "actors.supervision.processes.": ("actors.supervision.supervisor",),
        "actors.supervision.supervisor.": ("actors.supervision.processes",),
    }
    assert [
        f"{name} imports {other}"
        for prefix, forbidden in below.items()
        for name, others in graph.items()
        for other in others
        if name.startswith(prefix) and other.startswith(forbidden)
    ] == []
