"""What an outside Claude Code needs to join the hive: a socket, and the line that registers it. Pure."""

import shlex
import sys
from pathlib import Path
from typing import Any

from harness.wire.agent_config import HIVE_TOOLS_KEY


def socket_path(run_dir: Path, name: str) -> Path:
    """The socket of the peer with this (checked) name. A container in which the peer lives can be shown its folder."""
    return run_dir / "peers" / name / "hive.sock"


def program() -> str:
    """The `hive-mcp` of the environment that the daemon runs in."""
    return f"{sys.prefix}/bin/hive-mcp"


def command(socket: Path) -> str:
    """The shell command that adds the hive's tools to the outside session."""
    words = ["claude", "mcp", "add", HIVE_TOOLS_KEY, "--", program(), "--socket", str(socket)]
    return shlex.join(words)


def mcp_config(socket: Path) -> dict[str, Any]:
    """The hive's tools as an entry of a `.mcp.json` or of `--mcp-config`."""
    server = {"command": program(), "args": ["--socket", str(socket)]}
    return {"mcpServers": {HIVE_TOOLS_KEY: server}}
