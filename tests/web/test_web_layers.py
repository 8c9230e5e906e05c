"""The packages of the web process: their order, and who may talk to the daemon."""

import ast
import functools
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"

ORDER = (
    "settings",
    "user",
    "presentation",
    "daemon",
    "live",
    "http",
    "templating",
    "app",
    "sections",
    "layout",
    "refusals",
    "actions",
    "palette",
    "pages",
    "routes",
    "wsgi",
    "main",
)
"""From the ground up: a package or module imports only those before it."""


@functools.cache
def modules():
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in WEB.rglob("*.py")}


@functools.cache
def imports(path):
    """The modules of `web` that a file imports."""
    known = modules()
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name in known}


def layer(module):
    return ORDER.index(module.split(".")[1])


def test_every_module_imports_only_from_its_own_layer_or_below():
    layered = {name: path for name, path in modules().items() if name not in ("web.__init__", "web.build", "web.wheel")}
    assert len(layered) > 50
    found = [
        f"{name} imports {other}"
        for name, path in layered.items()
        for other in imports(path)
        if layer(other) > layer(name)
    ]
    assert found == []


def test_no_import_circle_exists():
    order = TopologicalSorter({name: imports(path) - {name} for name, path in modules().items()}).static_order()
    assert len(list(order)) == len(modules())


def test_only_the_daemon_package_builds_requests_to_the_daemon():
    builders = {
        name
        for name, path in modules().items()
        if "operator_api" in path.read_text() or "web.daemon.client" in imports(path)
    }
    assert builders == {
        "web.app",
        "web.daemon.agent_rows",
        "web.daemon.commands",
        "web.daemon.feed",
        "web.daemon.rows",
        "web.daemon.sessions",
        "web.daemon.terminals",
    }


def test_no_package_has_more_than_twenty_modules():
    folders = [WEB, *(path for path in WEB.rglob("*") if path.is_dir()), Path(__file__).parent]
    crowded = {
        folder.name: count
        for folder in folders
        if (count := len([*folder.glob("*.py"), *folder.glob("*.html"), *folder.glob("*.js"), *folder.glob("*.css")]))
        > 20
    }
    assert crowded == {}
