"""Which tools Claude has, and which calls run without a confirmation, by the approved configuration. Pure.

Every call that is not allowed here is denied: nobody sits at a keyboard to confirm it. Skipping permissions is not an
option: Claude refuses that as root, and the configuration would have no effect. Entries that are no valid rule are
ignored; the daemon refuses them before an operator sees them (`harness.wire.tool_rules`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.wire.agent_config import HIVE_TOOLS_KEY, AgentConfig
from harness.wire.tool_rules import BASH_RULE, BUILT_INS, EVERY_TOOL, MCP_TOOL, USUAL, denied


@dataclass(frozen=True, slots=True)
class Permissions:
    """The rules of one agent: the built-in tools it has, and the calls that run at once or never."""

    tools: tuple[str, ...]
    allow: tuple[str, ...]
    deny: tuple[str, ...]

    def as_settings(self) -> dict[str, Any]:
        """The permissions in Claude's settings. They are JSON lists because the command line splits at commas."""
        return {"defaultMode": "dontAsk", "allow": list(self.allow), "deny": list(self.deny)}


def permissions(config: AgentConfig, hive_tools: Iterable[str]) -> Permissions:
    """The rules of one agent. `hive_tools` are the tools offered under the hive's own key."""
    wanted = USUAL if config.allowedTools is None else config.allowedTools
    tools = tuple(tool for tool in BUILT_INS if tool in wanted)
    allow = [tool for tool in tools if tool != "Bash"]
    if "Bash" in tools:
        allow += _bash_rules(config.allowedBashPatterns)
    allow += [f"mcp__{HIVE_TOOLS_KEY}__{tool}" for tool in hive_tools]
    for key, server in config.extraMcpServers.items():
        allow += _server_rules(key, server.allowedTools)
    return Permissions(tools, tuple(allow), denied(tools))


def _bash_rules(patterns: list[str] | None) -> list[str]:
    """Allow rules for Bash. None allows every command, an empty list allows no command."""
    if patterns is None:
        return ["Bash"]
    return [pattern for pattern in patterns if BASH_RULE.fullmatch(pattern)]


def _server_rules(key: str, tools: list[str]) -> list[str]:
    if EVERY_TOOL in tools:
        return [f"mcp__{key}"]
    return [f"mcp__{key}__{tool}" for tool in tools if MCP_TOOL.fullmatch(tool)]
