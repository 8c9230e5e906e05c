"""Root in an nspawn agent has no power on the host: shown from inside, through the Bash of the real Claude Code."""

import hashlib
from pathlib import Path

import pytest

from actors.agent.workspace.paths import Workspace
from tests.actors.agent.nspawn_parts import needs_nspawn, with_image
from tests.campaigns.real_hive import RealHive

SECRET = "the secret of bob 5a1f"  # noqa: S105 — it is there to be looked for
PROBE = """exec 2>&1
echo uid=$$(id -u)
sha256sum /etc/shadow /proc/1/root/etc/shadow
cat $state/agents/bob/state/secret /agents/bob/state/secret
ls -d $state
echo agents: $$(ls /agents)
grep -rs 'secret of bob 5a1[f]' /agents /shared /tmp /run /home /root /mnt | head -3
mount --bind / /mnt
kill -9 $pid
head -c 200 /proc/$pid/environ
echo x > /run/hive/agent.json"""
LOOK = {
    "agent": "alice",
    "when": r"look around (?P<state>/\S+) (?P<pid>\d+)",
    "steps": [
        {"call": "Bash", "input": {"command": PROBE, "description": "look around"}},
        {"call": "send", "input": {"to": "operator", "body": "$result"}},
        {"say": "That is all I can see."},
    ],
}


@pytest.mark.slow
@needs_nspawn
def test_claude_in_an_nspawn_agent_is_an_ordinary_user_and_reaches_neither_the_host_nor_another_agent():
    hive = RealHive(LOOK, runtime="nspawn")
    with_image(Workspace(hive.state, hive.run))
    with hive:
        hive.spawn("alice", "bob")
        (hive.state / "agents/bob/state/secret").write_text(SECRET)
        hive.send("alice", f"look around {hive.state} {hive.daemon.pid}")
        words = "SELECT body FROM messages WHERE recipient = 'operator' AND sender = 'alice'"
        seen = hive.until(lambda: hive.query(words))[0]["body"]
        assert "uid=1000" in seen
        assert SECRET not in seen
        assert hashlib.sha256(Path("/etc/shadow").read_bytes()).hexdigest() not in seen
        assert f"{hive.state}': No such file" in seen
        assert "agents: alice\n" in seen
        assert "Read-only file system" in seen or "Permission denied" in seen
        assert hive.daemon.poll() is None
        assert (hive.state / "agents/alice/state").stat().st_uid >= 65_536
