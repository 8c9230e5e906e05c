"""The configured MCP servers, as a running Claude Code reports them. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from harness.wire.agent_config import HIVE_TOOLS_KEY, AgentConfig
from harness.wire.live.opened import CONNECTED, PENDING, ServerState
from harness.wire.tool_rules import EVERY_TOOL

MAX_ERROR_CHARACTERS = 500


def read_servers(status: Mapping[str, Any]) -> list[ServerState]:
    """The answer to `mcp_status`, without the hive's own tools and without the servers' variables."""
    return [
        ServerState(
            name=str(one.get("name")),
            status=str(one.get("status")),
            tools=len(one["tools"]) if isinstance(one.get("tools"), list) else None,
            error=str(one["error"])[:MAX_ERROR_CHARACTERS] if one.get("error") else None,
        )
        for one in status.get("mcpServers") or []
        if one.get("name") != HIVE_TOOLS_KEY
    ]


def offered_tools(status: Mapping[str, Any]) -> dict[str, set[str]]:
    """The names of the tools of each server that is connected."""
    return {
        str(one.get("name")): {str(tool.get("name")) for tool in one.get("tools") or []}
        for one in status.get("mcpServers") or []
        if one.get("status") == CONNECTED
    }


def settled(servers: Iterable[ServerState]) -> bool:
    """Whether none of them is still being connected."""
    return all(one.status != PENDING for one in servers)


def trouble(config: AgentConfig, status: Mapping[str, Any], *, waited_seconds: float) -> str | None:
    """What keeps the configured servers from being used, in a sentence; None when each is connected with its tools."""
    servers, tools = {one.name: one for one in read_servers(status)}, offered_tools(status)
    said = []
    for key, server in config.extraMcpServers.items():
        one = servers.get(key)
        if one is None or one.status != CONNECTED:
            said.append(f"the MCP server {key} {_why(one, waited_seconds)}")
        elif missing := sorted(set(server.allowedTools) - {EVERY_TOOL} - tools[key]):
            said.append(f"the MCP server {key} has no tool {', '.join(missing)}")
        elif not tools[key]:
            said.append(f"the MCP server {key} lists no tools")
    return "; ".join(said) or None


def _why(one: ServerState | None, waited_seconds: float) -> str:
    if one is None:
        return "is not known to Claude Code"
    if one.status == PENDING:
        return f"has not answered within {waited_seconds:.0f} s"
    return f"is not connected ({one.status}): {one.error or 'no reason was given'}"
