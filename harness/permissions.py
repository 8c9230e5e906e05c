"""Which tools Claude has and which calls run unasked, from the approved configuration. Pure.

Everything not allowed here is denied: nobody sits at a keyboard to be asked. Skipping permissions altogether is no
option, Claude refuses that as root, and the configuration would mean nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from harness.wire.agent_config import HIVE_TOOLS_KEY, AgentConfig

BUILT_INS = ("Bash", "Edit", "Glob", "Grep", "Read", "Write")
DENIED = ("WebFetch", "WebSearch", "Task", "Agent", "TodoWrite", "NotebookEdit")

_BASH_RULE = re.compile(r"Bash\([^()\n]+\)")
_MCP_TOOL = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Permissions:
    """`tools` exist for Claude, `allow` runs unasked, `deny` never runs; `refused` are entries that meant nothing."""

    tools: tuple[str, ...]
    allow: tuple[str, ...]
    deny: tuple[str, ...]
    refused: tuple[str, ...]

    def as_settings(self) -> dict[str, Any]:
        """The permission part of Claude's settings. JSON lists, because the command line splits at commas."""
        return {"defaultMode": "dontAsk", "allow": list(self.allow), "deny": list(self.deny)}


def permissions(config: AgentConfig, hive_tools: Iterable[str]) -> Permissions:
    """The rules for one agent. `hive_tools` are the names offered under the hive's own key."""
    wanted = BUILT_INS if config.allowedTools is None else tuple(config.allowedTools)
    tools = tuple(tool for tool in BUILT_INS if tool in wanted)
    refused = [tool for tool in wanted if tool not in BUILT_INS and not tool.startswith("mcp__")]
    allow = [tool for tool in tools if tool != "Bash"]
    if "Bash" in tools:
        rules, strange = bash_rules(config.allowedBashPatterns)
        allow += rules
        refused += strange
    allow += [f"mcp__{HIVE_TOOLS_KEY}__{tool}" for tool in hive_tools]
    for key, server in config.extraMcpServers.items():
        rules, strange = _server_rules(key, server.allowedTools)
        allow += rules
        refused += strange
    return Permissions(tools, tuple(allow), DENIED, tuple(refused))


def bash_rules(patterns: list[str] | None) -> tuple[list[str], list[str]]:
    """Allow rules for Bash and the patterns that are no `Bash(…)` rule. None allows every command, [] none."""
    if patterns is None:
        return ["Bash"], []
    rules = [pattern for pattern in patterns if _BASH_RULE.fullmatch(pattern)]
    return rules, [pattern for pattern in patterns if not _BASH_RULE.fullmatch(pattern)]


def _server_rules(key: str, tools: list[str]) -> tuple[list[str], list[str]]:
    if "*" in tools:
        return [f"mcp__{key}"], []
    rules = [f"mcp__{key}__{tool}" for tool in tools if _MCP_TOOL.fullmatch(tool)]
    return rules, [f"{key}: {tool}" for tool in tools if not _MCP_TOOL.fullmatch(tool)]
