"""A new configuration is tried before the first mail: the real CLI, real MCP servers, a rehearsal model."""

import asyncio
import sys

import pytest

from harness.claude.probe import read_refusal
from harness.claude.servers import trouble
from harness.daemon.report import Report
from harness.prompt.probe import PROMPT
from harness.turns import server_watch
from harness.turns.server_watch import ServerWatch
from harness.wire.agent_config import AgentConfig
from tests.harness.rig import Rig, rules

SHA = "5" * 40


def server(*words, **more):
    return {"command": words[0], "args": list(words[1:]), **more}


def config(**servers):
    return AgentConfig.model_validate({"extraMcpServers": servers})


def status(*rows):
    return {"mcpServers": [{"name": "hive", "status": "connected", "tools": [{"name": "send"}]}, *rows]}


@pytest.mark.parametrize(
    ("allowed", "row", "said"),
    [
        (["*"], {"status": "connected", "tools": [{"name": "get"}]}, None),
        (["get"], {"status": "connected", "tools": [{"name": "get"}, {"name": "put"}]}, None),
        (["get", "gut"], {"status": "connected", "tools": [{"name": "get"}]}, "the MCP server db has no tool gut"),
        (["*"], {"status": "connected", "tools": []}, "the MCP server db lists no tools"),
        (["*"], {"status": "pending"}, "the MCP server db has not answered within 20 s"),
        (["*"], {"status": "failed", "error": "ENOENT"}, "the MCP server db is not connected (failed): ENOENT"),
        (["*"], {"status": "needs-auth"}, "the MCP server db is not connected (needs-auth): no reason was given"),
    ],
)
def test_a_server_is_usable_when_it_is_connected_with_the_tools_that_are_allowed(allowed, row, said):
    one = config(db=server("db", allowedTools=allowed))
    assert trouble(one, status({"name": "db", **row}), waited_seconds=20.0) == said


def test_a_server_that_claude_does_not_know_is_no_usable_one():
    assert (
        trouble(config(db=server("x")), status(), waited_seconds=1.0) == "the MCP server db is not known to Claude Code"
    )


@pytest.mark.parametrize(
    ("output", "refused"),
    [
        (b'{"is_error": true, "api_error_status": 404, "result": "no such model"}', True),
        (b'{"is_error": true, "api_error_status": 403, "result": "not for you"}', True),
        (b'{"is_error": true, "api_error_status": 529}', False),
        (b'{"is_error": true, "api_error_status": 401}', False),
        (b'{"is_error": false, "result": "ok"}', False),
        (b"", False),
        (b"[]", False),
    ],
)
def test_a_refusal_of_the_model_is_told_from_an_outage(output, refused):
    assert (read_refusal(output, "opus") is not None) is refused


class Outbox:
    def __init__(self):
        self.events = []

    def add_event(self, event):
        self.events.append(event)


def test_a_server_that_stays_silent_is_reported_at_once_and_called_slow_at_the_deadline(monkeypatch):
    monkeypatch.setattr(server_watch, "SERVER_SECONDS", 0.1)
    outbox = Outbox()

    async def ask():
        return status({"name": "db", "status": "pending"})

    async def scenario():
        watch = ServerWatch(config(db=server("x")), ask, Report(outbox, lambda: 0))
        watch.begin()
        said = await watch.trouble()
        watch.end()
        return said

    assert asyncio.run(scenario()) == "the MCP server db has not answered within 0 s"
    (event,) = outbox.events
    assert [(one.name, one.status) for one in event.servers] == [("db", "pending")], (
        "said once, the hive's own left out"
    )


def checked(rig):
    rig.daemon.wait(lambda daemon: any(event["kind"] == "checked" for event in daemon.events))
    return next(event for event in rig.daemon.events if event["kind"] == "checked")


def servers(rig):
    events = [event for event in rig.daemon.events if event["kind"] == "mcp_servers"]
    return {one["name"]: one for one in events[-1]["servers"]} if events else {}


@pytest.mark.slow
def test_a_configuration_that_works_is_said_to_before_the_first_mail_and_claude_is_warm(tmp_path):
    with Rig(tmp_path, rules(), env={"HIVE_CHECK": SHA}) as rig:
        more = server(
            sys.executable,
            "-m",
            "harness.mcp",
            "--socket",
            str(rig.daemon.path),
            env={"PYTHONPATH": ":".join(sys.path)},
        )
        rig.configure({"extraMcpServers": {"more": more}})
        rig.start()
        assert checked(rig) == {"kind": "checked", "sha": SHA, "reason": None}
        assert servers(rig)["more"]["status"] == "connected"
        assert servers(rig)["more"]["tools"] > 3
        rig.daemon.deliver("hello")
        assert rig.daemon.wait_turns(1)["cold"] is False
        assert not [one for one, _ in rig.model.requests if PROMPT in one.texts], (
            "the check is no part of a conversation"
        )
        assert [event["kind"] for event in rig.daemon.events].index("checked") < next(
            number for number, event in enumerate(rig.daemon.events) if event.get("state") == "idle"
        )


@pytest.mark.slow
def test_what_does_not_work_is_the_reason_and_no_mail_is_taken_meanwhile(tmp_path):
    broken = {"absent": server("/nonexistent"), "quits": server("/bin/sh", "-c", "exit 3")}
    with Rig(tmp_path, rules(), env={"HIVE_CHECK": SHA}, config={"extraMcpServers": broken}) as rig:
        rig.start()
        rig.daemon.deliver("hello")
        reason = checked(rig)["reason"]
        assert "the MCP server absent is not connected (failed): ENOENT" in reason
        assert "the MCP server quits is not connected (failed)" in reason
        assert {name: one["status"] for name, one in servers(rig).items()} == {"absent": "failed", "quits": "failed"}
        assert "recv" not in rig.daemon.cmds()


@pytest.mark.slow
@pytest.mark.parametrize(("fail", "refused"), [("not_found", True), ("overloaded", False)])
def test_a_model_that_the_service_refuses_does_not_work_and_one_that_is_overloaded_may(tmp_path, fail, refused):
    no = {"model": "nonsense", "steps": [{"fail": fail}]}
    with Rig(tmp_path, rules(no), env={"HIVE_CHECK": SHA}, config={"model": "claude-nonsense-9"}) as rig:
        rig.start()
        reason = checked(rig)["reason"]
        assert (reason is not None) is refused
        assert not refused or "the model 'claude-nonsense-9' is refused" in reason
