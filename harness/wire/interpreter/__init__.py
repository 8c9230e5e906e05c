"""How a program of hive is started by another one: with the same Python and the same packages.

`python -m` finds the packages of an environment only. hive may be installed without one: for a user (`pip install
--user`), by Nix, whose scripts add the folders of the packages themselves, in a container that is shown the packages
and no environment. So a program is told where its packages are. Nothing else is searched: neither the current folder
nor a user's own packages nor PYTHONPATH, and no `sitecustomize` is run.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

RUN = Path(__file__).with_name("run.py")


def interpreter() -> str:
    """The file of the Python that runs this, through every link: it finds its own library without an environment."""
    return os.path.realpath(sys.executable)


def module_argv(module: str, *arguments: str, packages: Sequence[str] | None = None) -> tuple[str, ...]:
    """The command that runs a module of hive; `packages` are the folders to import from, by default this process's."""
    places = searched() if packages is None else packages
    return (interpreter(), "-I", "-S", str(RUN.resolve()), os.pathsep.join(places), module, *arguments)


def searched() -> tuple[str, ...]:
    """The folders this process imports from, beside the standard library and the folder of its script."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = Path(sys.base_exec_prefix, sys.platlibdir, version)
    script = Path(sys.argv[0])
    others = {Path(os.__file__).parent, library, library / "lib-dynload"}
    if script.is_file():  # `-c` and `-m` have none, and then the packages may well lie in the present folder
        others.add(script.resolve().parent)
    places = (Path(one) for one in sys.path if one)
    return tuple(str(one) for one in places if one.is_absolute() and one.is_dir() and one not in others)
