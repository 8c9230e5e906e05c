"""The scripted model: its scripts, how it reads a conversation, its HTTP server."""

import http.client
import json
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from harness.rehearsal.dialogue import read_dialogue
from harness.rehearsal.matcher import ScriptMatcher
from harness.rehearsal.script import SCRIPTS, Rule, ScriptError, load
from harness.rehearsal.server import Rehearsal
from tests.waiting import SECONDS

TOOLS = ["Bash", "Write", "mcp__hive__send", "mcp__hive__set_status"]


class Talk:
    """A conversation as the CLI would hold it, without the CLI."""

    def __init__(self, matcher, agent):
        self.matcher, self.messages = matcher, []
        self.base = {"model": "haiku", "tools": [{"name": name} for name in TOOLS],
                     "system": [{"type": "text", "text": f"Your name in the hive is `{agent}`."}]}  # fmt: skip

    def step(self):
        request = {**self.base, "messages": self.messages}
        return self.matcher.answer(read_dialogue(request, 1000))

    def hears(self, text):
        reminder = {"type": "text", "text": "<system-reminder>no text of anybody</system-reminder>"}
        self.messages.append({"role": "user", "content": [reminder, {"type": "text", "text": text}]})
        self.messages.append({"role": "system", "content": "Primary working directory: /agents/x/state"})
        return self.plays()

    def plays(self, result="it worked"):
        """The calls of a whole turn."""
        calls = []
        for _ in range(10):
            step = self.step()
            self.messages.append({"role": "assistant", "content": "…"})
            if not step.all_calls():
                return calls
            calls += [(call.call, call.input) for call in step.all_calls()]
            self.messages.append(
                {"role": "user", "content": [{"type": "tool_result", "content": result}] * len(step.all_calls())}
            )
        raise AssertionError("the turn does not end")


def mail(number, sender, body, by="peer", more=""):
    return f'<message id="{number}" from="{sender}" written-by="{by}" sent="2030-01-01T00:00:00.000Z"{more}>\n{body}\n</message>'


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_script_can_be_read(path):
    assert load(path.stem)


def test_the_demo_plays_from_the_request_to_the_report():
    matcher = ScriptMatcher(load("demo"))
    manager, alice, bob = (Talk(matcher, name) for name in ("manager", "alice", "bob"))
    asked = [call for call in manager.hears(mail(1, "operator", "please", "operator")) if call[0] == "send"]
    assert [call[1]["to"] for call in asked] == ["alice", "bob"]

    looking, answer = alice.hears(mail(2, "manager", "look", "manager"))
    assert looking[0] == "Bash"
    assert "$(uname -s)" in looking[1]["command"]
    assert answer[1] == {"to": "manager", "in_reply_to": 2, "body": "it worked"}
    writing, report = bob.hears(mail(3, "manager", "write", "manager"))
    assert writing[1]["file_path"] == "/agents/x/state/welcome.md"
    assert report[1]["to"] == "manager"

    assert manager.hears(mail(4, "alice", "a Linux", more=' in-reply-to="2"')) == []
    report = manager.hears(mail(5, "bob", "I wrote it", more=' in-reply-to="3"'))[0][1]
    assert report == {"to": "operator", "in_reply_to": 1, "body": "Done. alice says: a Linux — bob says: I wrote it"}

    assert len(manager.hears(mail(6, "operator", "again", "operator"))) == 3
    assert manager.hears(mail(7, "bob", "ready", more=' in-reply-to="6"')) == [], (
        "answers of the first round do not count"
    )


def test_unknown_agents_answer_once_and_never_thank_for_thanks():
    talk = Talk(ScriptMatcher(load("default")), "zoe")
    calls = talk.hears(mail(1, "bob", "how are you?"))
    assert [(name, given["to"], given["in_reply_to"]) for name, given in calls] == [("send", "bob", 1)]
    assert talk.hears(mail(2, "bob", "fine, and you?", more=' in-reply-to="1"')) == []
    assert talk.hears(mail(3, "bob", "news", more=' broadcast="true"')) == []
    assert talk.hears(mail(4, "system", '{"event": "killed"}', "system")) == []
    assert len(talk.hears(mail(5, "operator", "once more", "operator", ' redelivered="true"'))) == 1


def test_rules_can_ask_for_a_turn_a_result_and_a_number_of_times():
    matcher = ScriptMatcher([
        Rule.model_validate({"result": "no such file", "steps": [{"say": "I see."}]}),
        Rule.model_validate({"turn": 2, "steps": [{"say": "the second turn"}]}),
        Rule.model_validate({"when": "go", "times": 1, "steps": [{"fail": "overflow"}]}),
        Rule.model_validate({"when": "go", "steps": [{"call": "Bash"}, {"call": "Bash"}, {"say": "done"}]}),
    ])  # fmt: skip
    talk = Talk(matcher, "zoe")
    talk.messages.append({"role": "user", "content": "go"})
    assert talk.step().fail == "overflow"
    assert talk.plays("no such file") == [("Bash", {})]
    talk.messages.append({"role": "user", "content": "go"})
    assert talk.step().say == "the second turn"


@pytest.mark.parametrize(
    ("text", "why"),
    [("[[rule]]\nsteps = []", "steps"), ("[[rule]]\nwhenn = 'x'\nsteps = [{say = 'x'}]", "whenn"), ("no toml", "broken.toml"),
     ("include = ['broken.toml']", "No such file")],
)  # fmt: skip
def test_a_script_that_cannot_be_read_says_where(tmp_path, text, why):
    path = tmp_path / "broken.toml"
    path.write_text(text)
    with pytest.raises(ScriptError, match=why):
        load(path)


@pytest.mark.slow
def test_the_server_speaks_the_messages_api():
    rules = [Rule.model_validate({"when": "fail", "steps": [{"fail": "rate_limit", "reset_seconds": 7}]}),
             Rule.model_validate({"steps": [{"say": "two words", "call": "send", "input": {"to": "bob"}}]})]  # fmt: skip
    with Rehearsal(rules) as model:
        connection = http.client.HTTPConnection(urlsplit(model.url).netloc, timeout=5)

        def post(path, **body):
            connection.request("POST", path, json.dumps(body), {"content-type": "application/json"})
            answer = connection.getresponse()
            return answer, answer.read()

        connection.request("HEAD", "/")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        ask = {
            "model": "haiku",
            "tools": [{"name": "mcp__hive__send"}],
            "messages": [{"role": "user", "content": "hello"}],
        }
        answer, body = post("/v1/messages?beta=true", stream=True, **ask)
        events = [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: ")]
        assert events[0]["type"] == "message_start"
        assert events[-1]["type"] == "message_stop"
        assert (
            "".join(e["delta"]["text"] for e in events if e.get("delta", {}).get("type") == "text_delta") == "two words"
        )
        whole = json.loads(post("/v1/messages", **ask)[1])
        assert whole["content"][1]["name"] == "mcp__hive__send"
        assert whole["stop_reason"] == "tool_use"
        assert whole["usage"]["output_tokens"] > 0
        assert json.loads(post("/v1/messages/count_tokens", **ask)[1])["input_tokens"] > 0
        answer, body = post("/v1/messages", messages=[{"role": "user", "content": "fail"}])
        assert (answer.status, answer.headers["retry-after"]) == (429, "7")
        assert post("/v1/other")[0].status == 404
        connection.close()


@pytest.mark.slow
def test_the_program_prints_its_url_and_ends_when_told_to():
    argv = [sys.executable, "-m", "harness.rehearsal", "--port", "0", "--script", "demo"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().strip()
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        process.terminate()
        assert process.wait(SECONDS) == 0
    assert subprocess.run([*argv[:-1], "nonsense"], capture_output=True, check=False).returncode == 2
