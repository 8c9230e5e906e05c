"""What the terminal says at its edges: a wrong number, a wrong name, a narrow window, a reader that has gone."""

import os
import subprocess
import sys

import click
import pytest

from actors.broker.addressing import posts_of
from actors.broker.messages import Send
from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.commands.agents import lifecycle
from harness.wire.agent_api import LinesReply
from harness.wire.boundary.near import did_you_mean
from harness.wire.errors import HiveError
from harness.wire.operator_api import AgentStatusReply, DecisionsReply, RowsReply, TombstonesReply
from harness.wire.operator_rows import AgentRow, Tombstone
from tests.actors.cli import rows

AT = "2026-01-02T03:04:05.000Z"


@pytest.mark.parametrize("words", ["approve x", "deny x", "diff x", "answer x yes", "dead show x", "reply x yes"])
def test_a_word_in_place_of_a_number_is_told_with_the_command_that_shows_numbers(hive, daemon, words):
    result = hive(*words.split())
    assert result.exit_code == 2
    assert "is no number: `hive " in " ".join(result.stderr.split())
    assert daemon.requests == []


def test_a_number_may_be_written_as_lists_show_it(hive, daemon):
    hive("deny", "#7")
    assert daemon.requests[-1]["id"] == 7


@pytest.mark.parametrize("body", ["", "  \n"])
def test_a_message_without_text_is_refused(body):
    with pytest.raises(HiveError, match="no text"):
        posts_of(Send("operator", "manager", body), {})


def test_a_hint_names_every_name_that_is_near():
    hint = did_you_mean("alic", ["alice", "alica", "bob"])
    assert sorted(hint.removeprefix("did you mean ").removesuffix("?").split(" or ")) == ["'alica'", "'alice'"]
    assert did_you_mean("zed", ["alice"]) is None


def test_purge_looks_before_it_asks(hive, daemon):
    daemon.answers["tombstones"] = TombstonesReply(tombstones=[Tombstone(name="zed")])
    result = hive("purge", "zet", stdin="zet\n")
    assert "there is no kept state of 'zet'" in result.stderr
    assert "Type its name" not in result.stdout


def test_discarding_a_draft_looks_before_it_asks(hive, daemon):
    daemon.answers["drafts"] = RowsReply(rows=[{"name": "erin"}])
    result = hive("draft", "discard", "eri", stdin="y\n")
    assert "there is no draft 'eri'" in result.stderr
    assert hive("draft", "discard", "erin", stdin="y\n").stdout.endswith("discarded the draft erin\n")


def test_decisions_shows_the_newest_and_says_how_many_there_are(hive, daemon):
    one = {
        "at": AT, "agent": "bob", "kind": "spawn", "verdict": "denied", "sha": None, "decided_by": "operator", "note": None,
    }  # fmt: skip
    found = [{"id": number, "approval_id": number, **one} for number in range(1, 6)]
    daemon.answers["decisions"] = DecisionsReply(decisions=found, broken_at=None, reason=None)
    lines = hive("decisions", "-n", "2").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["4", "5"]
    assert lines[3] == "the newest 2 of 5"


def test_a_table_keeps_to_sixty_columns():
    found = output.table(
        [("alice", "x" * 90, "y" * 40), ("b", "界" * 30, "")], ("A", "B", "C"), columns=60
    ).splitlines()
    assert max(map(output.width_of, found)) <= 60
    assert "alice" in found[1]
    assert all("…" in line for line in found[1:])


def test_a_table_of_many_columns_keeps_something_of_each():
    head, line = output.table([["abcdefghij"] * 9], [f"H{n}" for n in range(9)], columns=20).splitlines()
    assert line.split() == ["abcde…"] * 9
    assert click.unstyle(head).split() == [f"H{n}" for n in range(9)]


@pytest.mark.slow
def test_a_followed_log_ends_when_its_reader_does(run_dir, daemon):
    """By a pipe, as the shell makes it; no line comes after the reader has gone."""
    daemon.answers["journal"] = LinesReply(lines=["one", "two"])
    with subprocess.Popen(
        [sys.executable, "-m", "actors.cli", "logs", "alice", "-f"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"HIVE_RUN_DIR": str(run_dir)}, text=True,
    ) as follower:  # fmt: skip
        assert follower.stdout.readline() == "one\n"
        follower.stdout.close()
        follower.wait(20)
        assert "Traceback" not in follower.stderr.read()


def test_a_stop_names_the_agents_whose_turn_is_waited_for_and_is_silent_about_idle_ones(daemon, capsys):
    waits = rows.agent("alice", waits_until=AT, transient="stopping")
    for agents, said in ([rows.agent("bob")], ""), ([rows.agent("bob"), waits], f"alice {lifecycle.HINT}\n"):
        daemon.answers["agent_status"] = AgentStatusReply(agent_statuses=agents)
        with DaemonClient(daemon.run_dir / "host.sock") as client:
            lifecycle._say_what_is_waited_for(client)
        assert capsys.readouterr().err == said


def test_agents_names_the_mcp_servers_that_an_agent_lacks(hive, daemon):
    servers = [
        {"name": "files", "status": "connected", "tools": 3},
        {"name": "slow", "status": "pending"},
        {"name": "db", "status": "failed", "error": "ENOENT"},
    ]
    row = AgentRow.model_validate(
        {"name": "alice", "state": "parked", "failed": True, "note": "gave up", "mcp_servers": servers}
    )
    daemon.answers["agent_status"] = AgentStatusReply(agent_statuses=[row])
    shown = hive("agents").stdout
    assert "mcp db failed: ENOENT" in shown
    assert "gave up" in shown
    assert "mcp files" not in shown
    assert "mcp slow" not in shown
