"""The command line and the environment of the Claude Code CLI. Pure.

No file that the agent can write changes them: the CLI reads no settings file (`--setting-sources=`), no MCP file
(`--strict-mcp-config`) but that of the harness, and no CLAUDE.md; the permission rules are passed by value.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.claude.permissions import Permissions
from harness.settings import LINE, Settings
from harness.wire.agent_config import HIVE_TOOLS_KEY

RELAY = Path(__file__).parents[1] / "sidecar" / "relay.py"

ENVIRONMENT = {
    "DISABLE_AUTO_COMPACT": "1",  # the harness compacts, after it has asked for notes
    "DISABLE_AUTOUPDATER": "1",
    "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "1",  # a finished turn is over: nothing wakes Claude between turns
    "CLAUDE_CODE_DISABLE_AUTO_MEMORY": "1",  # the notes are the memory
    "CLAUDE_CODE_DISABLE_CLAUDE_MDS": "1",
    "ENABLE_TOOL_SEARCH": "false",  # the hive's tools are available from the first answer on
    "MCP_TOOL_TIMEOUT": "300000",  # ms; longer than the longest recv
    "CLAUDE_CODE_ENTRYPOINT": "sdk-py",
    "CLAUDE_CODE_SDK_READS_SESSION_STATE": "1",
}


SETTINGS = {
    "autoCompactEnabled": False,
    "includeCoAuthoredBy": False,  # no line of advertisement in the agent's commits
    "attribution": {"commit": "", "pr": ""},
    "skipWebFetchPreflight": True,  # the approved network decides; the service that is asked otherwise is out of reach
}
"""Settings of Claude Code beside the permissions."""


@dataclass(frozen=True, slots=True)
class Launch:
    """One start of the CLI: the session to resume, or the id of a new one."""

    model: str
    session_id: str
    resume: bool


def command(
    settings: Settings, launch: Launch, permissions: Permissions, *, system_prompt: str, mcp_config: Path
) -> list[str]:
    """The complete command line. `mcp_config` is the file with `mcp_servers(settings)`, `system_prompt` a file's path.

    The servers' variables are in a file, because a command line is readable to every process around.
    """
    session = "--resume" if launch.resume else "--session-id"
    return [
        str(settings.claude_cli),
        "--output-format", "stream-json",
        "--input-format", "stream-json",
        "--verbose",
        "--system-prompt-file", system_prompt,
        "--model", launch.model,
        f"{session}={launch.session_id}",
        "--tools", ",".join(permissions.tools),
        "--permission-mode", "dontAsk",
        "--settings", json.dumps({"permissions": permissions.as_settings(), **SETTINGS}),
        "--setting-sources=",
        "--strict-mcp-config",
        "--mcp-config", str(mcp_config),
        *(part for path in _added_dirs(settings) for part in ("--add-dir", path)),
    ]  # fmt: skip


def mcp_servers(settings: Settings) -> dict[str, Any]:
    """The approved extra servers, and the hive's own; the configuration cannot take its key.

    A server that is given secrets runs beside the container: Claude starts a bridge to it.
    """
    servers: dict[str, Any] = {
        key: {"type": "stdio", "command": server.command, "args": server.args, "env": server.env}
        for key, server in settings.config.extraMcpServers.items()
    }
    folder = settings.sidecar_dir or settings.socket.parent
    for key, name in settings.config.sidecars().items():
        args = ["-I", "-S", str(RELAY), str(folder / name)]
        servers[key] = {"type": "stdio", "command": sys.executable, "args": args, "env": {}}
    return servers | {HIVE_TOOLS_KEY: {"type": "sdk", "name": HIVE_TOOLS_KEY}}


def environment(env: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """The environment of the CLI: that of the harness, which the daemon scrubbed, and what the CLI needs on top."""
    inherited = {key: value for key, value in env.items() if key not in {"CLAUDECODE", LINE}}
    return inherited | ENVIRONMENT | {"PWD": str(settings.state_dir)}


def _added_dirs(settings: Settings) -> list[str]:
    dirs = [settings.shared_dir, settings.agents_dir or settings.config_dir]
    return [str(path) for path in dirs if path.is_dir()]
