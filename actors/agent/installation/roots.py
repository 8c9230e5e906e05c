"""What of the host a harness needs to run at all: Python, hive's packages, and the claude program.

Where they lie depends on how hive was installed: in an environment of its own or in that of another project, among a
user's packages, in folders that a script adds. No prefix is shown as a whole, because it can be anything, a home
included: of Python its program and its library, of packages those that hive needs.
"""

import functools
import importlib
import importlib.util
import os
import sys
from contextlib import suppress
from pathlib import Path

from actors.agent.installation.packages import installed_packages
from harness.wire.interpreter import interpreter, module_argv, searched

HARNESS_PACKAGES = ("harness", "prompts")
"""Found by name, not imported: the host knows of the harness only its wire."""
HOST_PACKAGES = ("actors", "web")
HARNESS = "harness.main"

SYSTEM = (Path("/usr"), Path("/lib"), Path("/lib64"))
NIX_STORE = Path("/nix/store")
LOADED = ("ssl", "ctypes", "bz2", "lzma", "sqlite3")
"""Parts of the standard library that may come with a shared library of their own."""


def program_roots(claude_cli: Path | None) -> tuple[Path, ...]:
    """The folders and files to show read-only, at their own places, outermost first."""
    cli = () if claude_cli is None else (claude_cli, claude_cli.resolve())
    return _outermost([*python_parts(), *map(_shown, _needed()), *_own(), *cli])


def installation(claude_cli: Path | None) -> tuple[Path, ...]:
    """What hive itself runs from: Python, its packages, the claude program. No agent may be shown them."""
    python = [one for one in python_parts() if not _is_below(one, SYSTEM)]
    environments = [environment for one in _needed() if (environment := _environment_of(one)) is not None]
    cli = () if claude_cli is None else (claude_cli, claude_cli.resolve())
    return (*_outermost([*python, *environments, *_needed(), *_own(), *_own(HOST_PACKAGES)]), *cli)


def default_path() -> str:
    """The search path of a harness: the Python that hive runs on first, where it is not the system's."""
    folder = Path(interpreter()).parent
    own = () if _is_below(folder, SYSTEM) else (str(folder),)
    return ":".join((*own, "/usr/local/bin", "/usr/bin", "/bin"))


def harness_command() -> tuple[str, ...]:
    """The harness, on the Python of the host and with its packages.

    Isolated: its Python takes no module from the agent's home or current folder, and no option from the agent's `env`.
    """
    return module_argv(HARNESS, packages=import_path())


@functools.cache
def import_path() -> tuple[str, ...]:
    """The folders that a program of hive imports from, in the order of this process: those that hold its packages.

    The current folder, which Python may search too, is among them only when hive lies there.
    """
    holding = {str(one.parent) for one in (*_needed(), *_own(), *_own(HOST_PACKAGES))}
    return tuple(one for one in searched() if one in holding)


@functools.cache
def python_parts() -> tuple[Path, ...]:
    """The program under each of its names, its library, and the shared libraries it brings along."""
    program = Path(interpreter())
    if program.is_relative_to(NIX_STORE):
        return (NIX_STORE,)  # readable for everybody, and each part needs others of it
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = {Path(os.__file__).parent, Path(sys.base_exec_prefix, sys.platlibdir, version)}
    parts = [*_names_of(program, "python"), *(one for one in library if one.is_dir())]
    if not _is_below(program, SYSTEM):
        parts += _shared_libraries(program.parent.parent)
    return _outermost(parts)


def _shared_libraries(prefix: Path) -> list[Path]:
    """What this process has loaded from there, under each of its names."""
    for name in LOADED:
        with suppress(ImportError):
            importlib.import_module(name)
    mapped = {line.split(maxsplit=5)[-1] for line in Path("/proc/self/maps").read_text().splitlines()}
    found = [Path(one) for one in mapped if ".so" in one and one.startswith(f"{prefix}/")]
    return [name for one in found for name in _names_of(one, one.name.partition(".so")[0])]


def _names_of(file: Path, begin: str) -> list[Path]:
    """Each name in its folder that leads to this file."""
    return [one for one in file.parent.glob(f"{begin}*") if one.resolve() == file.resolve()]


@functools.cache
def _needed() -> tuple[Path, ...]:
    return installed_packages(searched())


@functools.cache
def _own(packages: tuple[str, ...] = HARNESS_PACKAGES) -> tuple[Path, ...]:
    specs = [spec for package in packages if (spec := importlib.util.find_spec(package)) is not None]
    return tuple(Path(place) for spec in specs for place in spec.submodule_search_locations or ())


def _shown(package: Path) -> Path:
    """Of an environment all packages: they are there for hive, or for a project that hive is a part of."""
    return package if _environment_of(package) is None else package.parent


def _environment_of(package: Path) -> Path | None:
    """The virtual environment that this package is installed in: it lies in `lib/python3.x/site-packages` there."""
    environment = package.parents[3]
    return environment if (environment / "pyvenv.cfg").is_file() else None


def _is_below(path: Path, places: tuple[Path, ...]) -> bool:
    return any(path.is_relative_to(place) for place in places)


def _outermost(roots: list[Path]) -> tuple[Path, ...]:
    kept: list[Path] = []
    for root in sorted(set(roots), key=lambda path: len(path.parts)):
        if not any(root.is_relative_to(outer) for outer in kept):
            kept.append(root)
    return tuple(kept)
