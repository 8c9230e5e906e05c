"""The gate before deployed in a whole hive: real containers, the real Claude CLI, servers that start and that do not."""

import json

import pytest

from actors.agent.installation.roots import import_path
from actors.agent.repos import Repositories
from actors.agent.workspace.paths import Workspace
from actors.cli.client import DaemonClient
from harness.wire.interpreter import module_argv
from tests.actors.agent.repos_kit import Author
from tests.campaigns.real_hive import SECONDS, RealHive
from tests.needs import needs

DEAD = '[extraMcpServers.files]\ncommand = "/usr/bin/false"\n'
PROGRAM, *ARGUMENTS = module_argv("harness.mcp", "--socket", "/run/hive/hive.sock", packages=import_path())
GOOD = f"""
allowedTools = ["Bash"]
[extraMcpServers.more]
command = {json.dumps(PROGRAM)}
args = {json.dumps(ARGUMENTS)}
allowedTools = ["whoami"]
"""


class GateHive(RealHive):
    """Its manager proposes what a test says."""

    def __init__(self):
        super().__init__()
        self.repositories = Repositories(Workspace(self.state, self.run))

    def deploy(self, text):
        """Propose and approve; the row of the approval at its end."""
        sha = Author(self, "alice").commit({"agent.toml": text})
        with DaemonClient(self.run / "manager" / "hive.sock", reply_seconds=SECONDS) as manager:
            number = manager.request("request_apply_commit", agent="alice", commit_ref=sha)["approval_id"]
        self.ask("approve", id=number)
        self.until(lambda: self.step(number) in ("finalized", "failed"))
        return self.query("SELECT * FROM approvals WHERE id = ?", number)[0]

    def step(self, number):
        return self.query("SELECT step FROM approvals WHERE id = ?", number)[0]["step"]


@pytest.mark.slow
@needs("bwrap")
def test_what_cannot_be_opened_is_taken_back_with_its_reason_and_what_works_is_deployed_with_its_servers():
    with GateHive() as hive:
        hive.spawn("alice")
        kept = hive.row("alice")["deployed_sha"]
        dead = hive.deploy(DEAD)
        assert (dead["status"], dead["note"].split(":")[0]) == ("failed", "not healthy")
        assert "the MCP server files is not connected (failed)" in dead["note"]
        hive.until(lambda: hive.row("alice")["state"] == "idle")
        assert hive.row("alice")["deployed_sha"] == kept

        good = hive.deploy(GOOD)
        assert (good["status"], good["note"]) == ("approved", None)
        row = hive.row("alice")
        assert row["mcp_servers"][0] | {"tools": 0} == {
            "name": "more",
            "status": "connected",
            "tools": 0,
            "error": None,
        }
        assert row["mcp_servers"][0]["tools"] > 3
        assert hive.claude("alice") is not None, "it is warm for its first turn"
        hive.done(hive.send("alice", "hello"))
        assert "Reply with the word ok" not in str(hive.questions), "the check is no turn"
