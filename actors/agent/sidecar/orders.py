"""What runs in the sandbox of a server, and the orders of the process that starts it. Pure."""

import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from actors.agent.sidecar import Sidecar
from harness.wire.interpreter import interpreter

PROGRAM = Path(__file__).with_name("program.py")
INSIDE = "server.py"
"""In `harness/sidecar/`: takes command and environment from its standard input and becomes the server."""


def inside_argv() -> tuple[str, ...]:
    """What the sandbox of a server starts."""
    spec = find_spec("harness")  # found, not imported: the daemon knows of the harness only its wire
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return (interpreter(), "-I", "-S", str(Path(places[0], "sidecar", INSIDE)))


def orders(sidecars: Sequence[Sidecar], folder: Path, argv: Sequence[str], common: Mapping[str, Any]) -> dict[str, Any]:
    """For the shim: which program to start, and what to tell it.

    `folder` is where the sockets are, `argv` the sandbox, `common` what the program and the shim are told alike.
    """
    servers = [
        {
            "socket": str(folder / one.socket),
            "argv": list(argv),
            "hello": {"command": one.command, "args": list(one.args), "env": dict(one.env)},
            "hidden": dict(one.hidden),
        }
        for one in sidecars
    ]
    return {"argv": [sys.executable, "-I", "-S", str(PROGRAM)], "orders": {**common, "servers": servers}}
