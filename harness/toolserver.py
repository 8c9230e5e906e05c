"""The tools as an MCP server, which serves Claude inside the harness and peers over stdio.

Imports `mcp` (0.3 s), so it is imported only where a server is about to run, after `mcp_packages.defer`.
"""

from collections.abc import Sequence
from typing import Any

from mcp.server.lowlevel import Server
from mcp.types import CallToolRequestParams, CallToolResult, ListToolsResult, TextContent
from mcp.types import Tool as McpTool

from harness.prompt.frames import one_line
from harness.tools import Ask, Tool
from harness.wire.agent_api import ALL_VERBS
from harness.wire.agent_config import HIVE_TOOLS_KEY
from harness.wire.errors import HiveError
from harness.wire.parse import parse_request


def build(tools: Sequence[Tool], ask: Ask) -> Server[Any]:
    """A server that offers `tools` and turns each call into a request."""
    table = {tool.name: tool for tool in tools}
    listed = [McpTool(name=tool.name, description=tool.words.text, input_schema=tool.schema()) for tool in tools]

    async def list_tools(_context: Any, _params: Any) -> ListToolsResult:
        return ListToolsResult(tools=listed)

    async def call_tool(_context: Any, params: CallToolRequestParams) -> CallToolResult:
        tool = table.get(params.name)
        if tool is None:
            return _said(f"Error: there is no tool {params.name!r} here", failed=True)
        try:
            request = parse_request({**(params.arguments or {}), "cmd": tool.verb.cmd}, ALL_VERBS)
            return _said(tool.text(await ask(request)))
        except HiveError as error:
            return _said(explained(error), failed=True)

    return Server(HIVE_TOOLS_KEY, version="1", on_list_tools=list_tools, on_call_tool=call_tool)


def explained(error: HiveError) -> str:
    """An error as the model reads it: what is wrong, and the way out."""
    lines = [f"Error: {one_line(error.message)}"]
    if error.hint:
        lines.append(f"Try: {one_line(error.hint)}")
    if error.retry_after_seconds is not None:
        lines.append(f"Retry after: {error.retry_after_seconds} s")
    return "\n".join(lines)


def _said(text: str, *, failed: bool = False) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=failed)
