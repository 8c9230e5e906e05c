"""The hive keeps its shape: who imports whom, how long a file is, where the sharp tools lie."""

import ast
import contextlib
import functools
import re
import sqlite3
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from actors.quarantine.tables import TABLES
from actors.store import opening
from actors.store.messages import Database
from tests import module_index

ROOT = Path(__file__).parent.parent
PACKAGES = ("actors", "harness", "web")
TOP_LEVEL = {"actors", "harness", "web", "nix", "prompts", "tests", "docs"}
MAX_LINES = 400
MAX_MODULES = 20
GREENLET_FILES = {"actors/supervision", "actors/listener.py", "actors/connection.py"}


@functools.cache
def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


@functools.cache
def sources():
    return tuple(path for path in tracked("*.py") if path.parts[0] in PACKAGES)


parsed = module_index.parsed


@functools.cache
def import_nodes(path):
    return [node for node in ast.walk(parsed(path)) if isinstance(node, (ast.Import, ast.ImportFrom))]


@functools.cache
def imports(path):
    return list(imported(path))


def imported(path):
    for node in import_nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(path.with_suffix("").parts[: -node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def offenders(package, forbidden, allowed=()):
    found = []
    for path in sources():
        if path.parts[0] != package:
            continue
        for name in imports(path):
            if any(name == one or name.startswith(f"{one}.") for one in forbidden) and not any(
                name == one or name.startswith(f"{one}.") for one in allowed
            ):
                found.append(f"{path}: {name}")
    return found


def test_the_top_level_holds_the_folders_of_the_card_and_no_others():
    folders = {path.parts[0] for path in tracked() if len(path.parts) > 1 and not path.parts[0].startswith(".")}
    assert folders <= TOP_LEVEL


@pytest.mark.slow
def test_the_harness_imports_neither_actors_nor_web():
    assert not offenders("harness", ["actors", "web"])


@pytest.mark.slow
@pytest.mark.parametrize("package", ["actors", "web"])
def test_of_the_harness_only_the_wire_is_imported(package):
    found = offenders(package, ["harness"], allowed=["harness.wire"])
    assert [one for one in found if not one.endswith(": harness")] == []


def test_actors_and_web_do_not_know_each_other():
    assert not offenders("actors", ["web"])
    assert not offenders("web", ["actors"])


def test_the_wire_imports_only_pydantic_and_the_standard_library():
    allowed = {"pydantic", "pydantic_core", "harness", *sys.stdlib_module_names}
    wire = [path for path in sources() if path.parts[:2] == ("harness", "wire")]
    assert wire
    assert [f"{path}: {name}" for path in wire for name in imports(path) if name.split(".")[0] not in allowed] == []
    assert [
        f"{path}: {name}"
        for path in wire
        for name in imports(path)
        if name.startswith("harness.") and not name.startswith("harness.wire")
    ] == []


@functools.cache
def layers():
    """The components of the daemon from the ground up, as docs/architecture.md lists them."""
    page = (ROOT / "docs/architecture.md").read_text()
    return page.split("<!-- layers -->")[1].split("<!-- /layers -->")[0].replace("```", "").split()


@functools.cache
def component_of(path):
    """The component that a module of `actors` belongs to; None for the modules that every component may import."""
    inside = "/".join(path.with_suffix("").parts[1:])
    return max((one for one in layers() if f"{inside}/".startswith(f"{one}/")), key=len, default=None)


@functools.cache
def module_path(name):
    """The file of a module of `actors`, or None for a name that is no module."""
    base = Path(*name.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if (ROOT / path).is_file()), None)


@functools.cache
def imported_modules(path):
    """The files that a module imports. `from package import module` names the module and not the package."""
    found = set()
    for node in import_nodes(path):
        if isinstance(node, ast.Import):
            found |= {module_path(alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(path.with_suffix("").parts[: -node.level]) if node.level else ""
            package = ".".join(part for part in (base, node.module or "") if part)
            found |= {module_path(f"{package}.{alias.name}") or module_path(package) for alias in node.names}
    return frozenset(found - {None, path})


def component_imports():
    """Every import in `actors`, as (importing file, its component, imported component); None: a module for all."""
    for path in sources():
        if path.parts[0] == "actors":
            for target in imported_modules(path):
                if target.parts[0] == "actors" and len(target.parts) > 1:
                    yield path, component_of(path), component_of(target)


def test_every_component_is_a_layer():
    packages = {path.parts[1] for path in sources() if path.parts[0] == "actors" and len(path.parts) > 2}
    assert packages <= set(layers())


@pytest.mark.slow
def test_a_component_imports_only_what_stands_below_it():
    order = layers()
    assert [
        f"{path}: {upper}"
        for path, lower, upper in component_imports()
        if lower is not None and upper is not None and order.index(upper) > order.index(lower)
    ] == []


def test_the_modules_for_all_components_stand_on_supervision_alone():
    assert [
        f"{path}: {target}"
        for path, component, target in component_imports()
        if component is None and target not in {None, "supervision"}
    ] == []


def test_no_two_modules_import_each_other_in_a_circle():
    below = {path: imported_modules(path) for path in sources()}
    while leaves := [path for path, targets in below.items() if not targets & below.keys()]:
        for leaf in leaves:
            del below[leaf]
    assert sorted(map(str, below)) == []


def test_no_folder_has_more_than_twenty_modules():
    folders = {}
    for path in sources():
        if path.parent.parent.name == "migrations":  # numbered steps: nobody looks for one by its name
            continue
        folders.setdefault(path.parent, []).append(path.name)
    assert {str(folder): len(files) for folder, files in folders.items() if len(files) > MAX_MODULES} == {}


def test_sh_is_imported_in_one_file():
    assert {str(path) for path in sources() if "sh" in set(imports(path))} <= {"actors/shell.py"}


def test_nothing_in_actors_patches_the_standard_library():
    assert [
        str(path)
        for path in sources()
        if path.parts[0] == "actors" and any(name.startswith("gevent.monkey") for name in imports(path))
    ] == []


def test_greenlets_are_spawned_only_where_a_supervisor_or_a_listener_owns_them():
    found = []
    for path in sources():
        if path.parts[0] != "actors" or any(str(path).startswith(allowed) for allowed in GREENLET_FILES):
            continue
        for node in ast.walk(parsed(path)):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in {"spawn", "spawn_later"}
                and ast.unparse(node.value) in {"gevent", "Greenlet"}
            ):
                found.append(f"{path}:{node.lineno}")
    assert not found


def test_no_file_is_longer_than_four_hundred_lines_and_most_are_short():
    lengths = {
        path: len((ROOT / path).read_text().splitlines())
        for path in [*sources(), *tracked("web/static/js/*", "web/static/css/*", "web/templates/*")]
    }
    assert {str(path): lines for path, lines in lengths.items() if lines > MAX_LINES} == {}
    code = [lines for path, lines in lengths.items() if path.suffix == ".py" and lines > 0]
    assert statistics.median(code) <= 120
    assert statistics.quantiles(code, n=10)[-1] <= 300


def test_every_module_says_what_it_is():
    silent = [
        str(path) for path in sources() if (ROOT / path).read_text().strip() and ast.get_docstring(parsed(path)) is None
    ]
    assert silent == []


def test_no_tracked_file_names_a_registry_or_a_path_of_one_machine():
    hosts = r"\b(?:[\w-]+\.)*(?:pypi|pythonhosted|npmjs)[\w-]*\.(?:org|com|net|io)\b"
    forbidden = re.compile(rf'{hosts}|(?<![\w.])/work[/]|"resolved": *"http')
    found = []
    for path in tracked():
        if path.suffix in {".png", ".gz", ".jsonl", ".sqlite"}:
            continue
        text = (ROOT / path).read_text(errors="replace")
        found += [f"{path}: {one[0]}" for one in forbidden.finditer(text)]
    assert not found


@pytest.mark.slow
def test_every_function_of_an_api_has_a_caller_outside_the_tests():
    """A function that only tests call is a path that the product does not take."""
    used = {
        (name, path)
        for path in sources()
        for node in ast.walk(parsed(path))
        for name in (getattr(node, "attr", None), getattr(node, "id", None))
        if name is not None
    }
    idle = [
        f"{path}: {node.name}"
        for path in sources()
        if path.name == "api.py"
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef)
        and not any(name == node.name and user != path for name, user in used)
        and (node.name, path) not in used
    ]
    assert idle == []


# ---- no answer is no refusal -------------------------------------------------------------------------

ASKS_NO_ACTOR = {
    "actors/agent/registry/api.py:_ask": "passes the refusal on, and lets everything else pass",
    "actors/agent/registry/orders/ordered.py:wait": "passes the refusal on, and lets everything else pass",
    "actors/agent/registry/tombstones.py:find_tombstones": "the shape of a name",
    "actors/agent/repos/__init__.py:*": "git",
    "actors/agent/repos/git.py:*": "git",
    "actors/agent/repos/incoming.py:*": "git",
    "actors/agent/repos/meta.py:*": "git",
    "actors/agent/runtime/bwrap.py:*": "a program",
    "actors/agent/runtime/detached.py:*": "a program",
    "actors/approvals/actor.py:_file": "git; a row that is not tagged is tagged at the next comparison",
    "actors/approvals/review/api.py:_parsed": "a text",
    "actors/agent/runtime/cgroup.py:trial": "control groups",
    "actors/approvals/submission/proposals.py:*": "git and texts",
    "actors/daemon_locks.py:refusal": "files",
    "actors/connection.py:*": "a frame",
    "actors/agent/credentials.py:*": "a file",
    "actors/agent/registry/orders/rollout.py:_use_credentials": "a file",
    "actors/gateway/secrets.py:_users": "a file",
    "actors/gateway/watching.py:events": "a frame",
    "actors/listener.py:*": "frames; what is asked is answered in _reply, which handles no answer",
    "actors/scheduler/actor.py:_send": "a folder; no answer passes to _deliver, which tries again",
    "actors/secrets/references.py:*": "a file",
    "actors/secrets/store.py:*": "a file",
}
"""Where a HiveError alone is handled, and what is asked there; `*` is every function of the module."""


def handled_by(handler):
    if handler.type is None:
        return set()
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {ast.unparse(one) for one in kinds}


def handlers_of_refusals():
    """`module:function` of each `try` that handles HiveError, and whether it handles no answer too."""
    for path in sorted((ROOT / "actors").rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        if where.startswith("actors/cli/"):
            continue  # a client of the sockets, where no answer is a HiveError with the code `timeout`
        for function in ast.walk(parsed(path.relative_to(ROOT))):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Try):
                    handled = set().union(*(handled_by(one) for one in node.handlers))
                    if "HiveError" in handled:
                        yield f"{where}:{function.name}", bool(handled & {"SupervisionError", "NoAnswer", "AskTimeout"})


@pytest.mark.slow
def test_what_handles_a_refusal_handles_no_answer_or_asks_no_actor():
    """A handler of HiveError alone lets NoAnswer pass, which ends the message: what was to be done next is lost."""
    alone = {where for where, both in handlers_of_refusals() if not both}
    excused = {where for where in alone if where in ASKS_NO_ACTOR or f"{where.partition(':')[0]}:*" in ASKS_NO_ACTOR}
    assert alone - excused == set(), "handle NoAnswer (a timeout is not a no), or say in ASKS_NO_ACTOR what is asked"


@pytest.mark.slow
def test_every_excuse_is_used():
    alone = {where for where, both in handlers_of_refusals() if not both}
    modules = {f"{where.partition(':')[0]}:*" for where in alone}
    assert set(ASKS_NO_ACTOR) - alone - modules == set()


# ---- what a column may hold ---------------------------------------------------------------------------


@pytest.mark.parametrize("database", list(Database))
def test_every_column_of_every_table_says_what_it_may_hold(tmp_path, database):
    """Else a row with a value of a newer version keeps its owner, and so the hive, from starting."""
    path = tmp_path / "new.sqlite"
    opening.migrate(path, database)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        columns = {
            table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            for table in names
            if not table.startswith("sqlite_") and table != "schema_migration"
        }
    declared = {table.name: set(table.columns) for table in TABLES[database]}
    assert declared == columns, "a column stands in its table's StoredTable, a table in actors/quarantine/tables.py"


def test_the_page_lists_every_module_with_what_it_says_of_itself():
    page = module_index.PAGE.read_text(encoding="utf-8")
    assert page == module_index.written(page), "run: python -m tests.module_index"
    empty = [line for line in module_index.index().splitlines() if line.startswith("- ") and line.endswith(": ")]
    assert empty == []
