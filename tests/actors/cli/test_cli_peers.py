"""Peers in a terminal: added, listed, removed."""

import json

import pytest

from harness.wire.errors import conflict
from harness.wire.operator_api import PeerReply, PeersReply
from harness.wire.operator_rows import PeerRow

AT = "2026-01-02T03:04:05.000Z"
LINE = "claude mcp add hive -- /opt/bin/hive-mcp --socket /run/peers/damocles/hive.sock"
MCP = {"mcpServers": {"hive": {"command": "/opt/bin/hive-mcp", "args": ["--socket", "/run/peers/damocles/hive.sock"]}}}


@pytest.fixture
def added(daemon):
    daemon.answers["add_peer"] = PeerReply(
        name="damocles", socket="/run/peers/damocles/hive.sock", snippet=LINE, mcp=MCP
    )
    return daemon


def test_a_new_peer_gets_a_line_for_its_shell_and_a_file_for_its_session(added, hive):
    shown = hive("peer", "add", "damocles").stdout
    assert f"\n  {LINE}\n" in shown
    assert json.loads(shown[shown.index("{") :]) == MCP
    assert added.requests == [{"cmd": "add_peer", "name": "damocles"}]


def test_the_recipients_of_a_peer_and_the_owner_of_its_socket_are_requested(added, hive):
    assert (
        json.loads(hive("peer", "add", "d", "--to", "alice", "--to", "*", "--user", "12", "--json").stdout)["mcp"]
        == MCP
    )
    hive("peer", "add", "d", "--user", "root")
    assert added.requests == [
        {"cmd": "add_peer", "name": "d", "allowed_recipients": ["alice", "*"], "uid": 12},
        {"cmd": "add_peer", "name": "d", "uid": 0},
    ]
    refused = hive("peer", "add", "d", "--user", "nobody-of-this-name")
    assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (1, "Try: give a uid instead")


def test_peers_are_listed_and_removed(daemon, hive):
    row = PeerRow(name="damocles", socket="/s", state="listening", created_at=AT, snippet=LINE)
    daemon.answers["peers"] = PeersReply(
        peers=[row, row.model_copy(update={"name": "b", "allowed_recipients": ["alice"]})]
    )
    shown = hive("peer", "list").stdout
    assert "damocles" in shown
    assert "all agents" in shown
    assert "alice" in shown
    assert json.loads(hive("peer", "list", "--json").stdout)[0]["snippet"] == LINE
    assert hive("peer", "remove", "damocles").stdout == "removed damocles\n"
    assert daemon.requests[-1] == {"cmd": "remove_peer", "name": "damocles"}
    daemon.answers["peers"] = PeersReply(peers=[])
    assert hive("peer", "list").stdout == "There are no peers yet: `hive peer add NAME`.\n"


def test_a_name_that_is_taken_is_refused_with_the_way_out(daemon, hive):
    daemon.answers["add_peer"] = conflict("'alice' is or was an agent of this hive", "give the peer another name")
    result = hive("peer", "add", "alice")
    assert result.exit_code == 1
    assert result.stderr == "Error: 'alice' is or was an agent of this hive\nTry: give the peer another name\n"
