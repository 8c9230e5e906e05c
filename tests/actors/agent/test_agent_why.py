"""Why an agent is not well: its last tool, the last error in words, the tries, and until when it waits."""

import pytest

from actors.agent.container.harness_status import HarnessStatus, updated
from actors.agent.registry.why import Condition, condition, explained, why
from actors.cli import output
from actors.cli.tree import table
from harness.wire.live.last_tool import MAX_CALL_CHARACTERS, LastTool, last_tool
from harness.wire.operator_rows import AgentRow, Failing

AT = "2026-01-01T12:00:00.000Z"
LATER = "2026-01-01T12:30:00.000Z"
RUNNING_TOOL = LastTool(name="Bash", call="npm test", at=AT)


def called(name, **arguments):
    return {"type": "assistant", "message": {"content": [{"type": "tool_use", "id": "t", "name": name, "input": arguments}]}}  # fmt: skip


ANSWERED = {"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "t", "content": "ok"}]}}


@pytest.mark.parametrize(
    ("row", "found", "words"),
    [
        ({"state": "idle", "running": True}, None, ""),
        ({"state": "running", "role": "peer"}, None, ""),
        ({"state": "stopped", "transient": "starting"}, None, ""),
        ({"state": "parked", "failed": True, "since": AT, "note": "parked: crashed with status 3"}, Condition.PARKED, "given up <12:00> ago: crashed with status 3"),
        ({"state": "failed", "failed": True, "since": AT, "note": "did not start: no bwrap"}, Condition.FAILED, "did not start: no bwrap; down for <12:00>"),
        ({"state": "stuck", "running": True, "note": "silent for 6 min", "leased": 2, "last_tool": RUNNING_TOOL}, Condition.STUCK, "silent for 6 min; 2 unfinished; last tool: Bash npm test, running for <12:00>"),
        ({"state": "stuck", "running": True, "last_tool": RUNNING_TOOL.model_copy(update={"running": False})}, Condition.STUCK, "alive, but silent; last tool: Bash npm test, called <12:00> ago, ended"),
        ({"state": "stuck", "running": True}, Condition.STUCK, "alive, but silent"),
        ({"state": "idle", "running": True, "failing": Failing(attempts=3, reason="API error 500\nmore", since=AT)}, Condition.FAILING, "3 tries failed in <12:00>: API error 500"),
        ({"state": "idle", "running": True, "failing": Failing(attempts=1, reason="no", since=AT), "rate_limited_until": LATER}, Condition.FAILING, "1 try failed in <12:00>: no; it is tried again <12:30>"),
        ({"state": "rate_limited", "running": True, "rate_limited_until": LATER}, Condition.LIMITED, "the model's provider refuses until <12:30>"),
        ({"state": "rate_limited"}, Condition.LIMITED, "the model's provider refuses; it does not say until when"),
    ],
)  # fmt: skip
def test_every_condition_has_its_line(row, found, words):
    row = AgentRow(name="alice", **row)
    assert condition(row) is found
    said = " ".join(f"{one.text} <{one.at[11:16]}>" if one.at else one.text for one in why(row))
    assert said.replace(" :", ":").replace(" ;", ";") == words


def test_a_terminal_shows_ages_and_times():
    parts = [{"text": "3 tries failed in", "at": AT, "until": False}, {"text": ": \x1b[2Jno"}]
    said = output.why(parts)
    assert said.startswith("3 tries failed in ")
    assert said.endswith(": no")
    assert "d" in said.split(":")[0], "the age of a moment of last year is days"


def test_the_last_tool_is_what_claude_called_last_and_whether_it_was_answered():
    status = updated(HarnessStatus(), [{"kind": "stream", "message": called("Bash", command="npm test\nrm x")}], at=AT)
    assert status.last_tool == RUNNING_TOOL
    assert status == HarnessStatus(), "a call alone is no change of the row"
    assert not updated(status, [{"kind": "stream", "message": ANSWERED}], at=LATER).last_tool.running
    begun = {"kind": "turn_start", "from": "x", "body": "", "unread": 0, "message_ids": []}
    assert updated(status, [begun], at=LATER).last_tool is None


@pytest.mark.parametrize(
    "message",
    [None, 7, [], {}, {"type": "assistant"}, {"type": "assistant", "message": {"content": "text"}},
     {"type": "assistant", "message": {"content": [7, {"type": "tool_use"}, {"type": "tool_use", "name": 3}]}}, ANSWERED],
)  # fmt: skip
def test_a_message_that_calls_nothing_leaves_it_as_it_was(message):
    assert last_tool(None, message, at=AT) is None


def test_a_call_of_any_size_and_shape_is_one_short_line():
    found = last_tool(None, called("X" * 500, blob={"a": 1}, text="\n\n" + "y" * 5_000), at=AT)
    assert len(found.call) == MAX_CALL_CHARACTERS
    assert last_tool(None, called("Bash", command=7), at=AT).call == ""


def test_the_tree_says_it_of_the_agents_in_it_and_of_one_that_is_down():
    node = {"kind": "actor", "state": "running"}
    alice = {"name": "alice", "children": [{"name": "socket", **node}, {"name": "container", **node}], **node}
    tree = {"name": "hive", "children": [{"name": "broker", **node}, {"name": "agents", "children": [alice], **node}], **node}  # fmt: skip
    rows = [
        AgentRow(name="alice", running=True, state="stuck", last_tool=RUNNING_TOOL),
        AgentRow(name="bob", state="parked", failed=True, since=AT, note="parked: crashed with status 3"),
        AgentRow(name="carol", running=True, state="idle"),
    ]
    agents = explained(tree, rows)["children"][1]["children"]
    assert [one["name"] for one in agents] == ["alice", "bob"]
    assert agents[0]["children"][1]["condition"] == "stuck"
    assert "condition" not in agents[0]["children"][0]
    text = table.render(explained(tree, rows))
    assert "last tool: Bash npm test" in text
    assert "given up" in text
    assert explained(tree, rows[2:]) == tree
