"""What an outside Claude Code needs to join the hive: a socket, and the line that registers it. Pure."""

import os
import shlex
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

from harness.wire.agent_config import HIVE_TOOLS_KEY
from harness.wire.interpreter import module_argv


def socket_path(run_dir: Path, name: str) -> Path:
    """The socket of the peer with this (checked) name. A container in which the peer lives can be shown its folder."""
    return run_dir / "peers" / name / "hive.sock"


def program() -> tuple[str, ...]:
    """The `hive-mcp` that was installed with this hive, wherever its scripts lie; without one, what it would run."""
    try:
        scripts = [Path(str(one.locate())) for one in files("hyperhive") or () if one.name == "hive-mcp"]
    except PackageNotFoundError:
        scripts = []
    found = next((os.path.normpath(one) for one in scripts if one.is_file()), None)
    return module_argv("harness.mcp") if found is None else (found,)


def command(socket: Path) -> str:
    """The shell command that adds the hive's tools to the outside session."""
    words = ["claude", "mcp", "add", HIVE_TOOLS_KEY, "--", *program(), "--socket", str(socket)]
    return shlex.join(words)


def mcp_config(socket: Path) -> dict[str, Any]:
    """The hive's tools as an entry of a `.mcp.json` or of `--mcp-config`."""
    name, *arguments = program()
    server = {"command": name, "args": [*arguments, "--socket", str(socket)]}
    return {"mcpServers": {HIVE_TOOLS_KEY: server}}
