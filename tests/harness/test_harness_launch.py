"""What the real Claude Code CLI makes of its command line: a long system prompt, tools on request, no advertisement."""

import json

import pytest

from harness.claude.sealed_file import path_of, sealed_file
from harness.rehearsal import server
from tests.harness.rig import Rig, rules

pytestmark = pytest.mark.slow


@pytest.fixture
def requests(monkeypatch):
    """The bodies of all requests that the rehearsal model is sent."""
    bodies = []

    def read(request, size):
        bodies.append(request)
        return read_dialogue(request, size)

    read_dialogue = server.read_dialogue
    monkeypatch.setattr(server, "read_dialogue", read)
    return bodies


def test_a_role_longer_than_an_argument_reaches_the_model_and_the_tools_on_request_are_there(tmp_path, requests):
    web = {"when": "fetch", "steps": [
        {"call": "WebFetch", "input": {"url": "https://127.0.0.1:1/", "prompt": "x"}}, {"say": "Tried."},
    ]}  # fmt: skip
    tools = ["Bash", "WebFetch", "WebSearch", "Task"]
    role = "You count bees. " * 10_000 + "Last words."
    with Rig(tmp_path, rules(web), config={"prompt": role, "allowedTools": tools}) as rig:
        rig.start()
        rig.daemon.deliver("please fetch it")
        assert rig.daemon.wait_turns(1)["outcome"] == "ok"
        dialogue = rig.model.requests[-1][0]
        assert set(dialogue.tools) >= {"Bash", "WebFetch", "WebSearch"}
        assert {"Task", "Agent"} & set(dialogue.tools)
        assert "Read" not in dialogue.tools, "the list replaces the usual tools"
        assert "ECONNREFUSED" in dialogue.result or "connect" in dialogue.result.lower(), dialogue.result
        sent = json.dumps(requests[-1])
        assert "Last words." in sent
        assert len(sent) > 160_000
        assert "Co-Authored-By" not in sent
        assert "Generated with" not in sent, "commits of agents carry no advertisement"


def test_a_sealed_file_is_read_from_its_beginning_and_cannot_be_changed():
    with sealed_file("text", "what stands") as handle:
        for _ in range(2):
            with open(path_of(handle), encoding="utf-8") as file:  # noqa: PTH123
                assert file.read() == "what stands"
        with pytest.raises(PermissionError), open(path_of(handle), "r+b", buffering=0) as file:  # noqa: PTH123
            file.write(b"else")
