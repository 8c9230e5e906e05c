"""When the play goes on, when it ends, and what it says then: against a daemon that tells any story."""

import json
import socket
import urllib.request

import pytest

from actors.cli.client import DaemonClient
from actors.cli.demo import decisions as second_act
from actors.cli.demo import ports
from actors.cli.demo.decisions import Decisions
from actors.cli.demo.play import Play
from actors.cli.demo.progress import Progress
from actors.cli.demo.story import Story
from actors.cli.demo.transcript import Transcript, remarks
from harness.rehearsal.script import load
from harness.rehearsal.server import Rehearsal
from harness.wire.agent_api import SendReply
from tests.waiting import SECONDS

REQUEST = 7


def message(number, sender, to):
    return "message", {"id": number, "from": sender, "to": to, "body": json.dumps({"event": "x"})}


def turn(agent, *, outcome="ok"):
    return "turn", {"agent": agent, "stats": {"cold": True, "duration_ms": 9, "outcome": outcome, "tools": {}}}


@pytest.fixture
def play(daemon, run_dir):
    """Play the first act, in which the daemon emits these events after the request; what is missing at the end."""

    def call(*events, step_seconds=0.05):
        def sent(_frame):
            for kind, data in events:
                daemon.emit(kind, data)
            return SendReply(id=REQUEST)

        daemon.answers["send"] = sent
        story = Story()
        with DaemonClient(run_dir / "host.sock") as stream, DaemonClient(run_dir / "host.sock") as client:
            Play(stream, client, story, Decisions(), transcript=Transcript(), step_seconds=step_seconds).run()
        return story.missing()

    return call


def test_time_runs_only_while_nothing_of_what_is_missing_happens():
    progress = Progress(60.0)
    assert progress.seconds_left(["a", "b"], 1000.0) == 60.0
    assert progress.seconds_left(["a", "b"], 1050.0) == 10.0
    assert progress.seconds_left(["b"], 1059.0) == 60.0
    assert progress.seconds_left(["b"], 1118.0) == 1.0
    assert progress.seconds_left(["b"], 1120.0) == 0.0


def test_a_play_that_stands_still_ends_and_the_rest_is_named(play, capsys):
    missing = play(message(8, "manager", "alice"), message(9, "manager", "bob"))
    assert "manager did not report to operator" in missing
    assert not any("did not write to" in one for one in missing)
    assert "nothing of what is missing happened for 0.05 s" in capsys.readouterr().out


def test_a_failed_turn_ends_the_play_at_once_because_nothing_mends_it(play, daemon):
    missing = play(turn("alice", outcome="failed"), step_seconds=3600)
    assert "a turn of alice ended failed" in missing
    assert [frame["cmd"] for frame in daemon.requests] == ["events", "spawn", "spawn", "send"]


def test_the_second_act_waits_for_the_end_of_the_first(play, daemon):
    play(message(8, "manager", "operator"))
    assert [frame["cmd"] for frame in daemon.requests].count("send") == 1


def test_two_demos_never_get_the_same_port_though_no_daemon_has_bound_it_yet(monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    monkeypatch.setattr(ports, "DASHBOARD_PORT", free)
    with ports.dashboard(None, wanted=True) as first, ports.dashboard(None, wanted=True) as second:
        assert first == free
        assert second not in {0, free}
    with ports.dashboard(None, wanted=True) as again:
        assert again == free


def test_a_port_that_another_program_has_is_left_to_it(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(ports, "DASHBOARD_PORT", other.getsockname()[1])
        with ports.dashboard(None, wanted=True) as port:
            assert port not in {0, other.getsockname()[1]}


@pytest.mark.parametrize(("given", "wanted", "port"), [(8123, True, 8123), (0, True, 0), (None, False, 0)])
def test_a_port_that_was_asked_for_is_taken_and_none_is_taken_where_no_dashboard_is_wanted(given, wanted, port):
    with ports.dashboard(given, wanted=wanted) as taken:
        assert taken == port


def tool_result(content, *, is_error):
    block = {"type": "tool_result", "content": content, "is_error": is_error}
    return {"kind": "stream", "message": {"type": "user", "message": {"role": "user", "content": [block]}}}


def test_the_transcript_shows_notes_and_tools_that_failed_and_no_others():
    assert remarks({"kind": "note", "text": "no key"}) == ["no key"]
    assert remarks(tool_result([{"type": "text", "text": "Error: git"}], is_error=True)) == [
        "a tool failed: Error: git"
    ]
    assert remarks(tool_result("exit 1", is_error=True)) == ["a tool failed: exit 1"]
    assert remarks(tool_result("fine", is_error=False)) == []
    assert remarks({"kind": "stream", "message": {"type": "system"}}) == []
    assert remarks({"kind": "stream", "message": {"type": "user", "message": {"content": "text"}}}) == []
    assert remarks({"kind": "state", "state": "idle"}) == []


REFUSED = (
    "EACCES: permission denied, mkdir '/tmp/claude-1000/-agents-hm1nd-state/1'",
    "EACCES: permission denied, open '/tmp/claude-1000/-agents-hm1nd-state/1/tasks'",
)
DRAFT = '{"config_path": "/agents/carol/config", "state_path": "/agents/carol/state"}'
CAROL = f"carol {'a' * 40}"


def command_after(url, results):
    """The command of the Bash call with which the model answers the manager after these results of its tools."""
    messages = [{"role": "user", "content": f'<message id="9" from="operator">{second_act.REQUEST}</message>'}]
    for number, result in enumerate(results):
        call = {"type": "tool_use", "id": f"t{number}", "name": "Bash", "input": {}}
        messages.append({"role": "assistant", "content": [call]})
        block = {"type": "tool_result", "tool_use_id": f"t{number}", "content": result}
        messages.append({"role": "user", "content": [block]})
    system = [{"type": "text", "text": "Your name in the hive is `manager`."}]
    body = {"model": "haiku", "system": system, "messages": messages, "tools": [{"name": "Bash"}]}
    request = urllib.request.Request(f"{url}/v1/messages", json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=SECONDS) as reply:
        content = json.load(reply)["content"]
    return next((block["input"]["command"] for block in content if block["type"] == "tool_use"), None)


@pytest.mark.parametrize(
    ("before", "words"), [([DRAFT], "format='carol %H'"), ([DRAFT, CAROL, '{"approval_id": 1}'], "format='bob %H'")]
)
def test_a_bash_call_that_claude_code_refuses_is_made_again_as_a_real_model_would(before, words):
    with Rehearsal(load("demo")) as model:
        first = command_after(model.url, before)
        assert words in first
        refused = [*before, *REFUSED]
        assert [command_after(model.url, refused[: len(before) + times]) for times in (1, 2)] == [first, first]
        later = [command_after(model.url, refused) for _ in range(20)]
        assert later[-1] is None, "it does not try for ever"
