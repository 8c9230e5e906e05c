"""Which entries of `allowedTools` and `allowedBashPatterns` mean something, and the right spelling of others. Pure.

The harness leaves out what means nothing; the daemon refuses it before the operator is asked.
"""

import difflib
import re
from collections.abc import Collection

USUAL = ("Bash", "Edit", "Glob", "Grep", "Read", "Write")
"""The tools of Claude Code of an agent whose configuration has no `allowedTools`."""
ON_REQUEST = ("Task", "WebFetch", "WebSearch")
"""The tools that an agent has only where `allowedTools` names them."""
BUILT_INS = USUAL + ON_REQUEST
"""Everything that `allowedTools` can name. The list replaces the usual tools, and adds nothing to them."""
NEVER = ("TodoWrite", "NotebookEdit")
"""The tools that no agent has, whatever its configuration says."""
ALIASES = {"Task": ("Agent",)}
"""Other names under which Claude Code knows a tool."""

BASH_RULE = re.compile(r"Bash\([^()\n]*[^()\s][^()\n]*\)")
MCP_TOOL = re.compile(r"[A-Za-z0-9_-]+")
EVERY_TOOL = "*"


def denied(tools: Collection[str]) -> tuple[str, ...]:
    """The tools that an agent with these tools is refused by name, so that none comes in by another way."""
    missing = [tool for tool in ON_REQUEST if tool not in tools]
    return (*missing, *(name for tool in missing for name in ALIASES.get(tool, ())), *NEVER)


def wrong_tool(entry: str) -> str | None:
    """What to write instead of an entry of `allowedTools`; None for one that means something."""
    if entry in BUILT_INS:
        return None
    if entry.startswith("Bash("):
        return "commands go into allowedBashPatterns, and the tool is called Bash"
    if entry.startswith("mcp__"):
        return "the tools of a server go into its own allowedTools"
    if entry in NEVER:
        return "no agent has this tool"
    written = next((tool for tool, names in ALIASES.items() if entry in names), None)
    if written is not None:
        return f"write {written!r}"
    close = difflib.get_close_matches(entry.strip().capitalize(), BUILT_INS, n=1)
    return f"did you mean {close[0]!r}?" if close else f"it takes: {', '.join(BUILT_INS)}"


def wrong_bash_rule(entry: str) -> str | None:
    """What to write instead of an entry of `allowedBashPatterns`; None for one that means something."""
    if BASH_RULE.fullmatch(entry):
        return None
    if entry.strip() == "Bash" or not entry.strip("Bash() \t"):
        return "leave allowedBashPatterns out to allow every command"
    if re.search(r"[()\n]", entry.removeprefix("Bash(").removesuffix(")")):
        return 'parentheses and line ends cannot be in a pattern: "Bash(git status)"'
    inside = entry.strip().removeprefix("Bash(").removesuffix(")").strip()
    return f'write "Bash({inside[:80]})"'


def wrong_server_tool(key: str, entry: str) -> str | None:
    """What to write instead of an entry of a server's `allowedTools`; None for one that means something."""
    if entry == EVERY_TOOL or (MCP_TOOL.fullmatch(entry) and not entry.startswith(f"mcp__{key}")):
        return None
    if entry.startswith(f"mcp__{key}__") and MCP_TOOL.fullmatch(entry):
        return f'write "{entry.removeprefix(f"mcp__{key}__")}"'
    return 'name tools of the server as it calls them, or "*" for all'
