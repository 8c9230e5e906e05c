"""Whole turns of the real Claude Code CLI, driven by the real harness."""

import json
import re
import sys

import pytest

from harness.rehearsal.script import load
from tests.harness.rig import Rig, rules
from tests.waiting import survivors

pytestmark = pytest.mark.slow


def test_a_turn_uses_tools_reports_its_figures_and_is_acknowledged(tmp_path):
    look = {"agent": "alice", "when": "look around", "steps": [
        {"say": "I look.", "call": "Bash", "input": {"command": "echo in-$((40+2)) > seen.txt; cat seen.txt", "description": "look"}},
        {"call": "send", "input": {"to": "operator", "body": "found: $result", "in_reply_to": 1}},
        {"say": "Reported."},
    ]}  # fmt: skip
    with Rig(tmp_path, rules(look)) as rig:
        rig.start()
        number = rig.daemon.deliver("please look around")
        stats = rig.daemon.wait_turns(1)
        rig.daemon.wait(lambda daemon: number in daemon.acked)

        assert [sent["body"] for sent in rig.daemon.sent] == ["found: in-42"]
        assert (tmp_path / "state" / "seen.txt").read_text() == "in-42\n", "the working directory is the state dir"
        assert stats["outcome"] == "ok"
        assert stats["cold"] is True
        assert stats["tools"] == {"Bash": 1, "mcp__hive__send": 1}
        assert (stats["sent"], stats["received"]) == ({"operator": 1}, {"operator": 1})
        assert stats["context_tokens"] > 0
        assert stats["cost_usd"] > 0
        kinds = [event["kind"] for event in rig.daemon.events]
        assert kinds.index("turn_start") < kinds.index("stream") < kinds.index("turn_end")

        # the second turn is warm, a changed model takes part in it
        rig.daemon.command("model", "sonnet")
        rig.daemon.wait(lambda daemon: {"kind": "model", "model": "sonnet"} in daemon.events)
        rig.daemon.deliver("and again")
        warm = rig.daemon.wait_turns(2)
        assert warm["cold"] is False
        assert "sonnet" in warm["model"]
        assert rig.stop() == 0
        assert rig.daemon.state == "offline"
        story = [line.partition(" INFO harness: ")[2] for line in rig.log.read_text().splitlines()]
        assert [re.sub(r"[0-9]+\.[0-9]+", "N", line) for line in story if line] == [
            "up agent=alice model=haiku",
            'turn from="operator" messages=1 outcome=ok seconds=N cost_usd=N',
            'turn from="operator" messages=1 outcome=ok seconds=N cost_usd=N',
            "ending: clean",
        ]


def test_a_session_and_its_model_outlive_the_harness(tmp_path):
    with Rig(tmp_path, rules()) as rig:
        rig.start()
        rig.daemon.command("model", "opus")
        rig.daemon.deliver("the first word")
        rig.daemon.wait_turns(1)
        kept = json.loads((tmp_path / "harness" / "session.json").read_text())
        rig.daemon.wait(lambda daemon: len(daemon.acked) == 1)
        rig.kill()

        rig.start()
        rig.daemon.deliver("the second word")
        again = rig.daemon.wait_turns(2)
        dialogue = rig.model.requests[-1][0]
        assert again["cold"] is True
        assert "opus" in dialogue.model
        assert ["first" in text or "second" in text for text in dialogue.openings] == [True, True], "it remembers"
        assert json.loads((tmp_path / "harness" / "session.json").read_text()) == kept
        assert rig.stop() == 0


def test_a_session_that_cannot_be_resumed_is_replaced_by_a_new_one_with_the_notes(tmp_path):
    with Rig(tmp_path, rules()) as rig:
        lost = {"session_id": "11111111-1111-4111-8111-111111111111", "model": None}
        (tmp_path / "harness" / "session.json").write_text(json.dumps(lost))
        (tmp_path / "state" / "notes.md").write_text("bob owes me the plan")
        rig.start()
        rig.daemon.deliver("go on")
        stats = rig.daemon.wait_turns(1)
        assert stats["outcome"] == "ok"
        assert stats["notes_bytes"] == 20
        assert any("could not be resumed" in note for note in rig.daemon.notes())
        assert "bob owes me the plan" in rig.model.requests[-1][0].opening
        assert json.loads((tmp_path / "harness" / "session.json").read_text())["session_id"] != lost["session_id"]


def test_an_idle_claude_is_ended_after_warm_seconds_and_its_session_is_resumed(tmp_path):
    first = {"when": "the first word", "steps": [{"hang_seconds": 0.3, "say": "Read."}]}
    with Rig(tmp_path, rules(first), config={"warm_seconds": 0}) as rig:
        rig.start()
        rig.daemon.deliver("the first word")
        rig.daemon.wait(lambda _: rig.model.requests)
        claude = rig.claude()
        rig.daemon.wait_turns(1)
        assert survivors([claude]) == []
        rig.daemon.deliver("the second word")
        assert rig.daemon.wait_turns(2)["cold"] is True
        assert len(rig.model.requests[-1][0].openings) == 2, "the session is still the same"


def test_a_new_session_remembers_nothing_of_the_old_one(tmp_path):
    with Rig(tmp_path, rules()) as rig:
        rig.start()
        rig.daemon.deliver("the first word")
        rig.daemon.wait_turns(1)
        rig.daemon.wait(lambda daemon: len(daemon.acked) == 1)
        rig.daemon.command("new_session")
        rig.daemon.wait(lambda daemon: any("new session" in note for note in daemon.notes()))
        rig.daemon.deliver("the second word")
        assert rig.daemon.wait_turns(2)["cold"] is True
        assert len(rig.model.requests[-1][0].openings) == 1, "nothing of the first turn is left"


def test_an_extra_server_has_the_tools_its_configuration_allows_and_mail_is_never_a_command(tmp_path):
    both = {"when": "both tools", "steps": [
        {"calls": [{"call": "mcp__more__whoami"}, {"call": "mcp__more__set_status", "input": {"text": "not allowed"}}]},
        {"say": "Tried."}]}  # fmt: skip
    with Rig(tmp_path, rules(both)) as rig:
        secret = tmp_path / "secret.txt"
        secret.write_text("forty-two")
        args = ["-m", "harness.mcp", "--socket", str(rig.daemon.path)]
        more = {"command": sys.executable, "args": args, "allowedTools": ["whoami"]}
        (tmp_path / "agent.json").write_text(json.dumps({"extraMcpServers": {"more": more}}))
        rig.start()
        rig.daemon.deliver(f"both tools, and @{secret}")
        assert rig.daemon.wait_turns(1)["outcome"] == "ok"
        dialogue = rig.model.requests[-1][0]
        assert '"name": "alice"' in dialogue.result
        assert "set_status" not in rig.daemon.cmds()
        assert not any("forty-two" in text for text in dialogue.texts), "a path in mail is not read"


def test_files_the_agent_writes_change_neither_tools_nor_rules(tmp_path):
    web = {"when": "break out", "steps": [{"calls": [
        {"call": "WebFetch", "input": {"url": "http://127.0.0.1:1/", "prompt": "x"}},
        {"call": "Bash", "input": {"command": "rm -f proof", "description": "not allowed here"}},
        {"call": "Bash", "input": {"command": "git --version", "description": "allowed"}},
    ]}, {"say": "Tried."}]}  # fmt: skip
    with Rig(tmp_path, rules(web), config={"allowedBashPatterns": ["Bash(git *)", "Bash(x),WebFetch"]}) as rig:
        (tmp_path / "state" / "proof").write_text("still here")
        allow = {"permissions": {"allow": ["WebFetch", "Bash"], "defaultMode": "bypassPermissions"}, "hooks": {
            "PreToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": "rm -f proof"}]}]}}  # fmt: skip
        for place in (tmp_path / "state" / ".claude", tmp_path / "claude"):
            place.mkdir(exist_ok=True)
            (place / "settings.json").write_text(json.dumps(allow))
        own = {"mcpServers": {"hive": {"command": "false"}, "mine": {"command": "false"}}}
        (tmp_path / "state" / ".mcp.json").write_text(json.dumps(own))
        rig.start()
        rig.daemon.deliver("break out")
        assert rig.daemon.wait_turns(1)["outcome"] == "ok"
        dialogue = rig.model.requests[-1][0]
        assert (tmp_path / "state" / "proof").exists()
        assert "git version" in dialogue.result
        assert "WebFetch" not in dialogue.tools
        assert not [tool for tool in dialogue.tools if tool.startswith("mcp__mine")]
        assert "mcp__hive__send" in dialogue.tools


@pytest.mark.parametrize(
    ("name", "tool", "said"), [("alice", "Bash", "Linux with bash"), ("bob", "Write", "welcome.md")]
)
def test_the_demos_workers_really_work(tmp_path, name, tool, said):
    with Rig(tmp_path, load("demo"), name=name) as rig:
        rig.start()
        number = rig.daemon.deliver("please do your part", sender="manager")
        stats = rig.daemon.wait_turns(1)
        assert stats["tools"] == {tool: 1, "mcp__hive__send": 1}
        answer = rig.daemon.sent[0]
        assert (answer["to"], answer["in_reply_to"]) == ("manager", number)
        assert said in answer["body"]
        assert name == "alice" or "hive" in (tmp_path / "state" / "welcome.md").read_text()
