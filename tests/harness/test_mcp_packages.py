"""What is imported of `mcp`: what hive uses, and everything for whoever asks for it."""

import json
import subprocess
import sys

import pytest

LOADED = "json.dumps([name for name in ('mcp.client', 'mcp.server.mcpserver') if name in sys.modules])"
IMPORTS = {
    "the SDK and the server of the tools": "import claude_agent_sdk, harness.toolserver",
    "the server of the tools over stdio": "import mcp.server.stdio, harness.toolserver",
}


def told(code):
    lines = ("import json, sys", "from harness import mcp_packages", "mcp_packages.defer()", *code)
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("imports", IMPORTS.values(), ids=IMPORTS)
def test_clients_and_servers_over_http_are_not_imported(imports):
    assert told([imports, f"print({LOADED})"]) == []


@pytest.mark.slow
def test_who_asks_for_more_finds_all_of_it():
    code = [
        "import harness.toolserver",
        "import mcp",
        "from mcp.server import MCPServer, Server",
        "from mcp import ClientSession, types",
        "more = [ClientSession.__name__, MCPServer.__name__, types.Tool.__name__, mcp.stdio_server.__name__]",
        "print(json.dumps([*more, Server is harness.toolserver.Server, hasattr(mcp, 'nothing')]))",
    ]
    assert told(code) == ["ClientSession", "MCPServer", "Tool", "stdio_server", True, False]
