"""The file that tells Claude Code its MCP servers: readable to its owner only, and there only while Claude starts."""

import contextlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.claude.command import mcp_servers
from harness.settings import Settings

NAME = "mcp.json"


@contextmanager
def mcp_file(settings: Settings) -> Iterator[Path]:
    """Its path, within Claude's own folder; removed at the end, when Claude has read it."""
    path = settings.claude_dir / NAME
    _remove(path)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"mcpServers": mcp_servers(settings)}, file)
    try:
        yield path
    finally:
        _remove(path)


def _remove(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
