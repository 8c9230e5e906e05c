"""The search of a whole hive, over the operator's socket: every operator, every kind, with its snippet."""

from functools import partial

import pytest

from tests.actors.agent.test_agent_generations import Client
from tests.actors.whole_hive import WholeHive
from tests.waiting import until

pytestmark = pytest.mark.slow

TURN = [
    {"kind": "turn_start", "from": "bob", "body": "pelican prompt", "unread": 0, "message_ids": []},
    {"kind": "stream", "message": {"type": "assistant", "message": {"content": [
        {"type": "text", "text": "pelican text"},
        {"type": "tool_use", "id": "a", "name": "Bash", "input": {"command": "ls pelican-tool"}},
    ]}}},
    {"kind": "stream", "message": {"type": "user", "message": {"content": [
        {"type": "tool_result", "tool_use_id": "a", "content": "pelican output"},
    ]}}},
    {"kind": "note", "text": "pelican note"},
]  # fmt: skip


@pytest.fixture(scope="module")
def host():
    hive = WholeHive()
    hive.settle_in(["alice", "bob"])
    client = Client(hive.host)
    alice, bob, turns = (
        Client(partial(hive.agent, "alice")),
        Client(partial(hive.agent, "bob")),
        Client(partial(hive.harness, "alice")),
    )
    alice.ask("send", to="bob", body="pelican from alice")
    bob.ask("send", to="manager", body="pelican from bob")
    client.ask("send", to="alice", body="pelican from the operator")
    question = alice.ask("ask", question="which pelican?", to="bob")["id"]
    bob.ask("answer", id=question, answer="the pelican of the answer")
    turns.ask("publish", events=TURN)
    approval = Client(partial(hive.agent, "hm1nd")).ask("request_spawn", name="carol", description="a pelican keeper")[
        "approval_id"
    ]
    assert client.ask("deny", id=approval, note="no pelican needed")["ok"]
    until(
        lambda: found(client, "pelican in:decision") and not client.ask("search", query="x")["not_indexed"],
        "it is indexed",
    )
    yield client
    hive.remove()


def found(client, query):
    reply = client.ask("search", query=query)
    assert reply["ok"], reply
    assert reply["total"] == len(reply["hits"])
    return sorted(hit["kind"] for hit in reply["hits"])


MAIL = ["message"] * 3


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("pelican in:message from:alice", ["message"]),
        ("pelican in:message from:operator", ["message"]),
        ("pelican to:hm1nd in:message -event", ["message"]),
        ("pelican from:alice in:question", ["question"]),
        ("pelican to:bob in:question", ["question"]),
        ("pelican agent:bob in:question", ["question"]),
        ("pelican agent:alice in:turn", ["note", "output", "prompt", "text", "tool"]),
        ("pelican agent:bob in:turn", []),
        ("pelican agent:carol", ["decision"]),
        ("pelican in:prompt", ["prompt"]),
        ("pelican in:text", ["text"]),
        ("pelican in:tool", ["tool"]),
        ("pelican in:output", ["output"]),
        ("pelican in:note", ["note"]),
        ("pelican in:decision", ["decision"]),
        ("keeper from:operator", ["decision"]),
        ("answer in:question", ["question"]),
        ("pelican in:question before:1h", []),
        ("pelican in:question after:1h", ["question"]),
        ("pelican in:question after:2000-01-01 before:2999-01-01T00:00", ["question"]),
        ("pelican in:question before:2000-01-01", []),
        ('"pelican from" in:message', MAIL),
        ('"from pelican"', []),
        ("pel* in:tool", ["tool"]),
        ("ls in:tool -output", ["tool"]),
    ],
)
def test_each_operator_finds_what_it_names(host, query, kinds):
    assert found(host, query) == kinds


def test_a_snippet_marks_the_hit(host):
    (hit,) = host.ask("search", query="keeper")["hits"]
    assert [part["text"] for part in hit["snippet"] if part["hit"]] == ["keeper"]
    assert "pelican" in "".join(part["text"] for part in hit["snippet"])


def test_the_lag_is_told_with_every_answer(host):
    assert host.ask("search", query="pelican")["not_indexed"] == 0
