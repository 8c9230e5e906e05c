"""What the operator is told of the agent's MCP servers: who is connected, who is slow or dead, and why.

Claude Code tells nothing by itself, so it is asked: from its start until each server is connected or given up, and
after each turn.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from harness.claude.servers import read_servers, settled, trouble
from harness.daemon.report import Report
from harness.wire.agent_config import AgentConfig

SERVER_SECONDS = 20.0
"""How long a server may take to connect before a check calls it slow. Claude Code gives it up after 30."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 1.0

Status = Callable[[], Awaitable[Mapping[str, Any]]]
"""The answer of the running Claude Code to `mcp_status`."""


class ServerWatch:
    """One watch per start of Claude Code; an agent without servers has none."""

    def __init__(self, config: AgentConfig, status: Status, report: Report) -> None:
        self._config = config
        self._status = status
        self._report = report
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Claude Code has started: look until nothing is pending."""
        self.end()
        if self._config.extraMcpServers:
            self._task = asyncio.create_task(self._watch(), name="server-watch")

    def end(self) -> None:
        """Claude Code has ended."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def look(self) -> Mapping[str, Any]:
        """Report how they are now."""
        if not self._config.extraMcpServers:
            return {}
        status = await self._status()
        if status:
            self._report.servers(read_servers(status))
        return status

    async def after_turn(self) -> None:
        """Report a server that died meanwhile. A Claude Code that has ended has nothing to tell."""
        with contextlib.suppress(Exception):
            await self.look()

    async def trouble(self) -> str | None:
        """What keeps the servers from being used, when each is connected or given up, or its time is over."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=SERVER_SECONDS)
        return trouble(self._config, await self.look(), waited_seconds=SERVER_SECONDS)

    async def _watch(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        with contextlib.suppress(Exception):  # it has ended, and the turn says why
            while not settled(read_servers(await self.look())):
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
