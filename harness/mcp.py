"""`hive-mcp --socket PATH`: the hive's tools over stdio, for a Claude session that the hive does not run.

The socket is the identity. Received messages stay leased until the tool `ack`; what is not acknowledged is redelivered
when the program starts again.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from harness import mcp_packages
from harness.daemon.client import call_once
from harness.tools import offered
from harness.wire.agent_api import RequeueInflight, Whoami, WhoamiReply
from harness.wire.errors import HiveError
from harness.wire.model import Reply, Request
from harness.wire.verb import EVERYONE, Caller

CONNECT_TIMEOUT_SECONDS = 30.0


def main(argv: list[str] | None = None) -> int:
    """Serve until stdin ends; 1 when the hive cannot be reached."""
    parser = argparse.ArgumentParser(prog="hive-mcp", description="The hive's tools for Claude, over stdio.")
    parser.add_argument("--socket", type=Path, required=True, help="your hive.sock")
    parser.add_argument("--role", choices=sorted(EVERYONE), help="default: the role of the socket")
    options = parser.parse_args(argv)
    try:
        asyncio.run(_serve(options.socket, options.role))
    except HiveError as error:
        sys.stderr.write(f"Error: {error.message}\n" + (f"Try: {error.hint}\n" if error.hint else ""))
        return 1
    return 0


async def _serve(path: Path, role: str | None) -> None:
    async def ask(request: Request) -> Reply:
        return await call_once(path, request, connect_timeout_seconds=CONNECT_TIMEOUT_SECONDS)

    me = await ask(Whoami())
    assert isinstance(me, WhoamiReply)
    if Caller(me.role) is Caller.PEER:  # the leases of an agent belong to its harness
        await ask(RequeueInflight())

    mcp_packages.defer()
    from mcp.server.stdio import stdio_server  # noqa: PLC0415 — 0.3 s that an unreachable hive need not cost

    from harness.toolserver import build  # noqa: PLC0415 — imports mcp as well

    server = build(offered(role or me.role, me.verbs), ask)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


if __name__ == "__main__":
    sys.exit(main())
