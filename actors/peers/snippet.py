"""What an outside Claude Code is given to join the hive. Pure."""

import shlex
import sys
from pathlib import Path
from typing import Any

from harness.wire.agent_config import HIVE_TOOLS_KEY


def program() -> str:
    """The `hive-mcp` of the environment the host runs in."""
    return f"{sys.prefix}/bin/hive-mcp"


def command(socket: Path) -> str:
    """A line for the shell of the outside session."""
    words = ["claude", "mcp", "add", HIVE_TOOLS_KEY, "--", program(), "--socket", str(socket)]
    return shlex.join(words)


def mcp_config(socket: Path) -> dict[str, Any]:
    """The same for a `.mcp.json` or `--mcp-config`."""
    server = {"command": program(), "args": ["--socket", str(socket)]}
    return {"mcpServers": {HIVE_TOOLS_KEY: server}}
