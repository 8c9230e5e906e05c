"""What an agent may do in a minute, at its socket."""

import pytest

from actors.admission.rates import Rates
from actors.agent.container.launch import publish_config
from actors.agent.registry import api
from harness.wire.agent_config import AgentConfig, Limits
from tests.actors.agent.hive_parts import AgentHive

pytestmark = pytest.mark.slow


@pytest.fixture
def hive():
    hive = AgentHive()
    for name in ("alice", "bob", "carol"):
        api.spawn(hive.directory, name)
    yield hive
    hive.remove()


def limit(hive, name="alice", **limits):
    publish_config(hive.workspace.of(name), AgentConfig(limits=Limits(**limits)))


@pytest.mark.parametrize(
    ("limits", "cmd", "arguments"),
    [
        ({"messages_per_minute": 2}, "send", {"to": "bob", "body": "x"}),
        ({"messages_per_minute": 2}, "send", {"to": "self", "body": "x"}),
        ({"messages_per_minute": 2}, "wake", {"from": "script", "body": "x"}),
        ({"questions_per_minute": 2}, "ask", {"question": "may I?"}),
        ({"events_per_minute": 2}, "publish", {"events": [{"kind": "note", "text": "x"}]}),
    ],
)
def test_the_third_of_two_is_refused_until_its_time(hive, limits, cmd, arguments):
    limit(hive, **limits)
    client = hive.harness if cmd == "publish" else hive.client
    with client("alice") as alice:
        assert alice.ask(cmd, **arguments).get("code") != "rate_limited"
        assert alice.ask(cmd, **arguments).get("code") != "rate_limited"
        refusal = alice.ask(cmd, **arguments)
        assert (refusal["code"], refusal["retry_after_seconds"]) == ("rate_limited", 30.0)
        assert "per_minute in [limits]" in refusal["hint"]
        hive.clock.advance(30)
        assert alice.ask(cmd, **arguments).get("code") != "rate_limited"
    with client("bob") as bob:
        assert (
            bob.ask(cmd, **(arguments | ({"to": "carol"} if "to" in arguments else {}))).get("code") != "rate_limited"
        )


def test_a_broadcast_counts_as_often_as_it_is_delivered(hive):
    limit(hive, messages_per_minute=3)
    with hive.client("alice") as alice:
        assert len(alice.ask("send", to="*", body="x")["ids"]) == 3
        assert alice.ask("send", to="bob", body="x")["code"] == "rate_limited"


def test_bytes_are_those_of_every_request(hive):
    limit(hive, bytes_per_minute=1000)
    with hive.client("alice") as alice:
        assert alice.ask("send", to="bob", body="x" * 900)["ok"]
        assert alice.ask("send", to="bob", body="x" * 900)["code"] == "rate_limited"


def test_another_connection_is_the_same_agent(hive):
    limit(hive, messages_per_minute=1)
    with hive.client("alice") as one, hive.client("alice") as two:
        assert one.ask("send", to="bob", body="x")["ok"]
        assert two.ask("send", to="bob", body="x")["code"] == "rate_limited"


def test_an_agent_is_told_what_holds_for_it(hive):
    limit(hive, messages_per_minute=7)
    with hive.client("alice") as alice:
        shown = alice.ask("whoami")["limits"]
    assert shown["messages_per_minute"] == 7
    assert shown["events_per_minute"] == Rates().events_per_minute


@pytest.mark.parametrize("jump", ["suspend", "forward", "back"])
def test_a_minute_is_one_in_which_the_machine_runs_whatever_the_clock_says(hive, jump):
    limit(hive, messages_per_minute=1)
    with hive.client("alice") as alice:
        assert alice.ask("send", to="bob", body="x")["ok"]
        if jump == "suspend":
            hive.clock.suspend(8 * 3600)
        else:
            hive.clock.step_wall(8 * 3600 if jump == "forward" else -8 * 3600)
        assert alice.ask("send", to="bob", body="x")["retry_after_seconds"] == 60.0
        hive.clock.advance(60)
        assert alice.ask("send", to="bob", body="x")["ok"]


def test_a_proposal_counts_as_ten_questions(hive):
    limit(hive, "hm1nd", questions_per_minute=20)
    with hive.client("manager") as manager:
        replies = [manager.ask("request_apply_commit", agent="bob", commit_ref="0" * 40) for _ in range(3)]
    assert [reply["code"] == "rate_limited" for reply in replies] == [False, False, True]
