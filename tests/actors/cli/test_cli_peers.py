"""Peers in a terminal: letting somebody in, and out again."""

import json

import pytest

from harness.wire.errors import conflict
from harness.wire.operator_api import PeerReply, PeersReply
from harness.wire.operator_rows import PeerRow

AT = "2026-01-02T03:04:05.000Z"
LINE = "claude mcp add hive -- /opt/bin/hive-mcp --socket /run/peers/damocles/hive.sock"
MCP = {"mcpServers": {"hive": {"command": "/opt/bin/hive-mcp", "args": ["--socket", "/run/peers/damocles/hive.sock"]}}}


@pytest.fixture
def added(host):
    host.answers["add_peer"] = PeerReply(name="damocles", socket="/run/peers/damocles/hive.sock", snippet=LINE, mcp=MCP)
    return host


def test_whoever_is_let_in_gets_a_line_for_his_shell_and_a_file_for_his_session(added, hive):
    shown = hive("peer", "add", "damocles").stdout
    assert f"\n  {LINE}\n" in shown
    assert json.loads(shown[shown.index("{") :]) == MCP
    assert added.heard == [{"cmd": "add_peer", "name": "damocles"}]


def test_whom_a_peer_may_write_to_and_whose_its_socket_is_are_asked_for(added, hive):
    assert (
        json.loads(hive("peer", "add", "d", "--to", "alice", "--to", "*", "--user", "12", "--json").stdout)["mcp"]
        == MCP
    )
    hive("peer", "add", "d", "--user", "root")
    assert added.heard == [
        {"cmd": "add_peer", "name": "d", "allowed_recipients": ["alice", "*"], "uid": 12},
        {"cmd": "add_peer", "name": "d", "uid": 0},
    ]
    refused = hive("peer", "add", "d", "--user", "nobody-of-this-name")
    assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (1, "Try: give a uid instead")


def test_peers_are_listed_and_removed(host, hive):
    row = PeerRow(name="damocles", socket="/s", state="listening", created_at=AT, snippet=LINE)
    host.answers["peers"] = PeersReply(
        peers=[row, row.model_copy(update={"name": "b", "allowed_recipients": ["alice"]})]
    )
    shown = hive("peer", "list").stdout
    assert "damocles" in shown
    assert "everybody" in shown
    assert "alice" in shown
    assert json.loads(hive("peer", "list", "--json").stdout)[0]["snippet"] == LINE
    assert hive("peer", "remove", "damocles").stdout == "removed damocles\n"
    assert host.heard[-1] == {"cmd": "remove_peer", "name": "damocles"}
    host.answers["peers"] = PeersReply(peers=[])
    assert hive("peer", "list").stdout == "Nobody has joined: `hive peer add NAME`.\n"


def test_a_name_that_is_taken_is_refused_with_the_way_out(host, hive):
    host.answers["add_peer"] = conflict("'alice' is or was an agent of this hive", "give the peer another name")
    result = hive("peer", "add", "alice")
    assert result.exit_code == 1
    assert result.stderr == "Error: 'alice' is or was an agent of this hive\nTry: give the peer another name\n"
