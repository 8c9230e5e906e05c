"""An MCP server with a secret, in the standard library alone: its tools use the secret and, asked to, give it away."""

import hashlib
import json
import os
import sys
from pathlib import Path

AGENT = Path(os.environ["HIVE_STATE_DIR"]).parent
TOOLS = {
    "digest": "The SHA-256 of the secret.",
    "leak": "The secret itself.",
    "look": "What this server sees around it.",
}


def called(name):
    secret = os.environ["VAULT_TOKEN"]
    if name == "digest":
        return hashlib.sha256(secret.encode()).hexdigest()
    if name == "leak":
        print("the token is", secret, file=sys.stderr, flush=True)
        return f"the token is {secret}"
    return json.dumps(
        {
            "home": sorted(os.listdir(os.environ["HOME"])),
            "cwd": os.getcwd(),
            "of_claude": [str(path) for name in ("claude", "harness") for path in (AGENT / name).glob("*")],
            "processes": sum(name.isdigit() for name in os.listdir("/proc")),
            "names": sorted(os.environ),
        }
    )


for line in sys.stdin:
    request = json.loads(line)
    if "id" not in request:
        continue
    match request["method"]:
        case "initialize":
            version = request["params"]["protocolVersion"]
            result = {
                "protocolVersion": version,
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "vault", "version": "1"},
            }
        case "tools/list":
            schema = {"type": "object", "properties": {}}
            result = {
                "tools": [{"name": name, "description": text, "inputSchema": schema} for name, text in TOOLS.items()]
            }
        case "tools/call":
            result = {"content": [{"type": "text", "text": called(request["params"]["name"])}]}
        case _:
            result = {}
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)
