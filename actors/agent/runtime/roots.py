"""What of the host a harness needs to run at all: the environment hive is installed in, and the claude program."""

import importlib.util
import sys
from pathlib import Path

HARNESS_PACKAGES = ("harness", "prompts")
"""Found by name, not imported: the host knows of the harness only its wire."""


def program_roots(claude_cli: Path | None) -> tuple[Path, ...]:
    """The folders and files to show read-only, at their own places, outermost first.

    In a development checkout the packages lie outside the environment; of such a checkout only they are shown.
    """
    roots = [Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent]
    for package in HARNESS_PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is not None:
            roots += [Path(place) for place in spec.submodule_search_locations or ()]
    if claude_cli is not None:
        roots += [claude_cli, claude_cli.resolve()]
    return _outermost(roots)


def installation(claude_cli: Path | None) -> tuple[Path, ...]:
    """What hive itself runs from: its environment, its packages, the claude program. No agent may be shown them."""
    roots = [Path(sys.prefix)] if sys.prefix != sys.base_prefix else []
    for package in (*HARNESS_PACKAGES, "actors", "web"):
        spec = importlib.util.find_spec(package)
        if spec is not None:
            roots += [Path(place) for place in spec.submodule_search_locations or ()]
    return (*roots, *([] if claude_cli is None else [claude_cli, claude_cli.resolve()]))


def default_path() -> str:
    """The search path of a harness: its own environment first."""
    return f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin"


def harness_command() -> tuple[str, ...]:
    """The `hive-harness` of the environment the host runs in.

    Isolated: its Python takes no module from the agent's home or current folder, and no option from the agent's `env`.
    """
    return (sys.executable, "-I", f"{sys.prefix}/bin/hive-harness")


def _outermost(roots: list[Path]) -> tuple[Path, ...]:
    kept: list[Path] = []
    for root in sorted(set(roots), key=lambda path: len(path.parts)):
        if not any(root.is_relative_to(outer) for outer in kept):
            kept.append(root)
    return tuple(kept)
