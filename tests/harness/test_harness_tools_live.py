"""Every MCP tool, called through the real Claude Code CLI and through hive-mcp."""

import asyncio
import sys

import pytest

from harness.tools import CORE, TOOLS, offered
from tests.harness.rig import Rig, rules

pytestmark = pytest.mark.slow

INPUTS = {
    "recv": {"max": 2},
    "send": {"to": "bob", "body": "hello", "in_reply_to": 1},
    "status": {},
    "recent": {"limit": 5},
    "ask": {"question": "May I?", "options": ["yes", "no"], "ttl_seconds": 60},
    "answer": {"id": 3, "answer": "yes"},
    "remind": {"message": "look again", "delay_seconds": 60},
    "loose_ends": {},
    "cancel": {"kind": "reminder", "id": 4},
    "whoami": {},
    "set_status": {"text": "calling every tool"},
    "ack": {},
    "request_spawn": {"name": "carol", "description": "a third pair of hands"},
    "request_spawn_draft": {"name": "carol"},
    "request_spawn_commit": {"name": "carol", "commit_ref": "0123abc"},
    "request_apply_commit": {"agent": "hm1nd", "commit_ref": "0123abc", "description": "a note"},
    "withdraw": {"id": 7},
    "start": {"name": "bob"},
    "kill": {"name": "bob"},
    "restart": {"name": "bob"},
    "update": {"name": "bob"},
    "get_logs": {"agent": "bob", "lines": 3},
}


def test_there_is_an_input_for_every_tool_that_needs_one():
    assert set(INPUTS) >= {tool.name for tool in TOOLS if tool.schema().get("required")}
    assert set(INPUTS) <= {tool.name for tool in TOOLS}


def test_every_tool_of_the_manager_works_through_the_real_cli(tmp_path):
    tools = offered("manager", [tool.verb.cmd for tool in TOOLS])
    steps = [{"call": tool.name, "input": INPUTS.get(tool.name, {})} for tool in tools]
    bad = {"call": "send", "input": {"to": "No Such Name", "body": "x"}}
    call_all = {"when": "call them all", "steps": [*steps, bad, {"say": "All called."}]}
    with Rig(tmp_path, rules(call_all), name="manager", role="manager") as rig:
        rig.start()
        rig.daemon.deliver("call them all")
        stats = rig.daemon.wait_turns(1)
        assert stats["outcome"] == "ok"
        assert stats["tools"] == {f"mcp__hive__{t.name}": 1 + (t.name == "send") for t in tools}
        for tool in tools:
            wanted = {"cmd": tool.verb.cmd, **INPUTS.get(tool.name, {})}
            assert any(wanted.items() <= request.items() for request in rig.daemon.requests), (
                f"{tool.name} did not arrive"
            )
        results = [dialogue.result for dialogue, _ in rig.model.requests if dialogue.position]
        assert not [text for text in results[:-1] if "Error" in text]
        assert "no agent name" in results[-1], "Claude reads the reason of a refusal"


def test_claude_is_offered_only_the_tools_that_the_daemon_serves(tmp_path):
    with Rig(tmp_path, rules(), verbs=sorted(CORE)) as rig:
        rig.start()
        rig.daemon.deliver("hello")
        rig.daemon.wait_turns(1)
        hive = {name.removeprefix("mcp__hive__") for name in rig.model.requests[0][0].tools if name.startswith("mcp__")}
        assert hive == CORE


def test_mail_read_with_recv_in_a_turn_is_acknowledged_with_it(tmp_path):
    drain = {"when": "more queued", "steps": [{"call": "recv", "input": {"max": 5}}, {"say": "I have read it all."}]}
    with Rig(tmp_path, rules(drain)) as rig:
        ids = [rig.daemon.deliver(f"message {number}", sender="bob") for number in range(3)]
        rig.start()
        stats = rig.daemon.wait_turns(1)
        rig.daemon.wait(lambda daemon: daemon.acked == ids)
        assert stats["received"] == {"peer": 3}
        assert "+2 more queued" in rig.model.requests[0][0].opening
        assert "message 2" in rig.model.requests[1][0].result


def test_a_recv_that_breaks_off_in_a_turn_costs_no_mail(tmp_path):
    read = {"when": "read on", "times": 1, "steps": [{"call": "recv", "input": {"max": 5}}, {"say": "Nothing came."}]}
    with Rig(tmp_path, rules(read)) as rig:
        rig.start()
        rig.daemon.deliver("before")
        rig.daemon.wait_turns(1)
        rig.daemon.wait(lambda daemon: len(daemon.acked) == 1)
        rig.daemon.drop_next = {"cmd": "recv", "max": 5}
        with rig.daemon.changed:
            first = rig.daemon.deliver("read on")
            second = rig.daemon.deliver("the one in between")
        rig.daemon.wait(lambda daemon: {first, second} <= set(daemon.acked))
        assert not rig.daemon.drop_next, "the reply to the tool's recv was lost"
        assert "may have been carried out" in rig.model.requests[3][0].result
        assert rig.daemon.cmds().count("requeue_inflight") >= 2, "requeued instead of acknowledged unseen"


def test_the_same_tools_work_over_stdio_with_an_mcp_client(tmp_path):
    with Rig(tmp_path, rules(), name="damocles", role="peer") as rig:
        rig.daemon.deliver("hello from afar", sender="manager")
        tools = offered("peer", [tool.verb.cmd for tool in TOOLS])
        listed, results = asyncio.run(_over_stdio(rig, tools))
        assert {tool.name for tool in listed} == {tool.name for tool in tools}
        assert all(tool.description and tool.input_schema["type"] == "object" for tool in listed)
        assert not [name for name, result in results.items() if result.is_error]
        assert 'from="manager" written-by="manager"' in results["recv"].content[0].text
        assert rig.daemon.acked == [1]


async def _over_stdio(rig, tools):
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    args = ["-m", "harness.mcp", "--socket", str(rig.daemon.path)]
    server = StdioServerParameters(command=sys.executable, args=args, env={"PATH": rig.env["PATH"]})
    async with stdio_client(server) as (reading, writing), ClientSession(reading, writing) as session:
        await session.initialize()
        listed = (await session.list_tools()).tools
        return listed, {tool.name: await session.call_tool(tool.name, INPUTS.get(tool.name, {})) for tool in tools}
