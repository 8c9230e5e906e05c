"""MCP servers that are given secrets: each runs in a sandbox of its own beside the agent's container.

Claude reaches such a server through a socket. The agent sees neither the server's process nor its environment, memory,
home and temporary files; what the two share is the agent's `state`, `/shared` and the configured binds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sidecar:
    """One server: the name of its socket beside `hive.sock`, and what is started for each connection to it."""

    socket: str
    command: str
    args: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    """The whole environment of the server, secrets included."""
    hidden: Mapping[str, str] = field(repr=False, default_factory=dict)
    """Texts that are replaced in what the server writes to its standard error."""
