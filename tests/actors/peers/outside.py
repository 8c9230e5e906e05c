"""An outside session: an MCP client that starts `hive-mcp` for a socket, calls tools and prints what it was told.

`python -m tests.actors.peers.outside SOCKET '[["send", {"to": "manager", "body": "hi"}], …]'`
"""

import asyncio
import json
import sys

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def join(socket, calls):
    """The tools that were offered, and of each call whether it was refused and the text of its answer."""
    server = StdioServerParameters(command=f"{sys.prefix}/bin/hive-mcp", args=["--socket", socket])
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        offered = [tool.name for tool in (await session.list_tools()).tools]
        answers = [await session.call_tool(name, arguments) for name, arguments in calls]
        return {"offered": offered, "answers": [[one.is_error, one.content[0].text] for one in answers]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(join(sys.argv[1], json.loads(sys.argv[2])))))
