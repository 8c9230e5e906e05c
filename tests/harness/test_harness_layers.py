"""The layers of the harness: a package imports only packages below it."""

import ast
from pathlib import Path

import pytest

import harness

LAYERS = (
    "clock",
    "shield",
    "storage",
    "wire",
    "settings",
    "prompt",
    "mcp_packages",
    "tools",
    "toolserver",
    "claude",
    "daemon",
    "control",
    "turns",
    "check",
    "main",
)
"""From the ground up."""

ALONE = {
    "rehearsal": {"prompt"},
    "proxy": {"clock", "wire"},
    "mcp": {"wire", "daemon", "mcp_packages", "tools", "toolserver"},
    "sidecar": set(),
}
ROOT = Path(harness.__file__).parent


def parts():
    return sorted(path.stem for path in ROOT.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists())


def imported_parts(part):
    folder = ROOT / part
    for path in sorted(folder.rglob("*.py")) if folder.is_dir() else [ROOT / f"{part}.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith("harness"):
                names = [node.module] if "." in node.module else [f"harness.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names if alias.name.startswith("harness.")]
            else:
                continue
            yield from (name.split(".")[1] for name in names)


def test_every_part_has_its_layer():
    assert parts() == sorted({"__init__", *LAYERS, *ALONE})


@pytest.mark.parametrize("part", [*LAYERS, *ALONE])
def test_a_part_imports_only_what_is_below_it(part):
    allowed = ALONE[part] if part in ALONE else set(LAYERS[: LAYERS.index(part)])
    assert set(imported_parts(part)) - {part} <= allowed
