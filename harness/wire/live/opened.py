"""What a harness reports of an opened Claude Code: its MCP servers, and whether a new configuration works."""

from typing import Annotated, Literal

from pydantic import Field

from harness.wire.boundary.values import Count, Label
from harness.wire.limits import MAX_SERVERS
from harness.wire.model import Record

CONNECTED = "connected"
"""The status of a server that can be used."""
PENDING = "pending"
"""The status of a server that has not answered yet."""


class ServerState(Record):
    """One MCP server as Claude Code sees it: connected, pending, failed, needs-auth or disabled."""

    name: Label
    status: Label
    tools: Count | None = None
    error: str | None = None


class McpServers(Record):
    """The configured MCP servers; said when Claude starts, and whenever it changes."""

    kind: Literal["mcp_servers"] = "mcp_servers"
    servers: Annotated[list[ServerState], Field(max_length=MAX_SERVERS)]


class Checked(Record):
    """Claude was opened once with a configuration that was new; `reason` says why it does not work."""

    kind: Literal["checked"] = "checked"
    sha: Label
    reason: str | None = None
