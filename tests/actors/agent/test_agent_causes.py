"""What an agent sends, asks, sets and proposes in a turn names the turn, over the sockets that agents and harnesses have."""

import sqlite3
from functools import partial

import pytest

from harness.wire.events import TurnStats
from tests.actors.agent.test_agent_generations import Client
from tests.actors.whole_hive import WholeHive
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hive():
    hive = WholeHive()
    hive.settle_in(["alice", "bob"])
    yield hive
    hive.remove()


@pytest.fixture
def host(hive):
    return Client(hive.host)


@pytest.fixture
def alice(hive):
    """Alice and her harness; no turn is under way at the end."""
    turns = Client(partial(hive.harness, "alice"))
    yield Client(partial(hive.agent, "alice")), turns
    while turns.ask("recv", max=32)["messages"]:
        pass
    turns.ask("ack_turn")


def begin(host, turns, body="go"):
    """A message of the operator and the turn on it; its id and the turn's name."""
    number = host.ask("send", to="alice", body=body)["id"]
    given = turns.ask("recv")["messages"]
    assert [one["id"] for one in given] == [number]
    return number, f"turn:alice/{turns.ask('begin_turn', message_ids=[number])['turn']}"


def message(host, number):
    return next(one for one in host.ask("messages", limit=200)["messages"] if one["id"] == number)


def rows(hive, statement, *values):
    with sqlite3.connect(hive.config.state_dir / "db" / "hive.sqlite") as connection:
        return connection.execute(statement, values).fetchall()


def test_all_that_is_done_in_a_turn_names_the_turn(hive, host, alice):
    agent, turns = alice
    given, turn = begin(host, turns)
    sent = agent.ask("send", to="bob", body="work")["id"]
    everyone = agent.ask("send", to="*", body="news")["ids"]
    question = agent.ask("ask", question="which?", to="bob")["id"]
    reminder = agent.ask("remind", message="later", delay_seconds=3600)["id"]
    assert {message(host, one)["cause"] for one in [sent, *everyone]} == {turn}
    assert next(one for one in host.ask("questions")["questions"] if one["id"] == question)["cause"] == turn
    assert next(one for one in host.ask("reminders")["reminders"] if one["id"] == reminder)["cause"] == turn
    assert message(host, given)["cause"] is None
    assert rows(hive, "SELECT message_id FROM turn_messages WHERE agent = 'alice' AND number = ?", int(turn[11:])) == [
        (given,)
    ]


def test_a_proposal_names_the_turn_of_the_manager_and_its_end_names_the_proposal(hive, host):
    manager, turns = Client(partial(hive.agent, "hm1nd")), Client(partial(hive.harness, "hm1nd"))
    host.ask("send", to="manager", body="we need carol")
    given = turns.ask("recv", max=32)["messages"]
    number = turns.ask("begin_turn", message_ids=[one["id"] for one in given])["turn"]
    approval = manager.ask("request_spawn", name="carol")["approval_id"]
    turns.ask("ack_turn")
    found = next(one for one in host.ask("pending")["approvals"] if one["id"] == approval)
    assert found["cause"] == f"turn:manager/{number}"
    host.ask("deny", id=approval, note="not now")
    told = until(lambda: turns.ask("recv")["messages"], "the manager is told")
    assert message(host, told[0]["id"])["cause"] == f"approval:{approval}"
    turns.ask("ack_turn")


def test_mail_of_a_question_and_of_a_reminder_names_what_made_it(host, hive, alice):
    agent, turns = alice
    begin(host, turns)
    question = agent.ask("ask", question="whose?", to="bob")["id"]
    reminder = agent.ask("remind", message="now", delay_seconds=0)["id"]
    turns.ask("ack_turn")
    bob = Client(partial(hive.agent, "bob"))
    asked = next(one for one in bob.ask("recv", max=32)["messages"] if "whose?" in one["body"])
    bob.ask("answer", id=question, answer="that one")
    causes = {f"question:{question}", f"reminder:{reminder}"}
    until(lambda: causes <= {one["cause"] for one in host.ask("messages", party="alice")["messages"]}, "alice is told")
    assert message(host, asked["id"])["cause"] == f"question:{question}"


@pytest.mark.parametrize("end", ["ack_turn", "requeue_inflight", "fail_turn"])
def test_between_turns_nothing_names_a_turn(host, alice, end):
    agent, turns = alice
    begin(host, turns)
    assert turns.ask(end, **({"reason": "it broke"} if end == "fail_turn" else {}))["ok"]
    sent = agent.ask("send", to="bob", body="on its own")["id"]
    assert message(host, sent)["cause"] is None


def test_the_turn_under_way_is_known_after_a_restart_of_the_daemon(hive, host, alice):
    agent, turns = alice
    _, turn = begin(host, turns)
    hive.close()
    hive.open()
    until(lambda: agent.ask("status").get("ok"), "alice's socket")
    assert message(host, agent.ask("send", to="bob", body="after it")["id"])["cause"] == turn
    turns.ask("ack_turn")
    assert message(host, agent.ask("send", to="bob", body="later")["id"])["cause"] is None


def test_what_the_agent_reads_itself_is_given_to_its_turn_too(hive, host, alice):
    agent, turns = alice
    given, turn = begin(host, turns)
    more = host.ask("send", to="alice", body="one more thing")["id"]
    assert [one["id"] for one in agent.ask("recv")["messages"]] == [more]
    found = "SELECT message_id FROM turn_messages WHERE agent = 'alice' AND number = ?"
    until(lambda: rows(hive, found, int(turn[11:])) == [(given,), (more,)], "both are of the turn")


def test_a_turn_has_only_messages_that_are_leased_to_its_agent(hive, host, alice):
    _, turns = alice
    foreign, waiting = (host.ask("send", to=name, body="x")["id"] for name in ("bob", "alice"))
    number = turns.ask("begin_turn", message_ids=[foreign, waiting, 10**9])["turn"]
    assert rows(hive, "SELECT 1 FROM turn_messages WHERE agent = 'alice' AND number = ?", number) == []


@pytest.mark.parametrize("forged", [{"cause": "turn:bob/1"}, {"turn": 1}, {"thread": 1}])
def test_no_agent_can_say_a_cause_or_begin_a_turn(hive, forged):
    agent = Client(partial(hive.agent, "alice"))
    assert agent.ask("send", to="bob", body="x", **forged)["code"] == "bad_request"
    assert agent.ask("begin_turn", message_ids=[])["code"] == "unknown_command"


def test_numbers_of_turns_grow_and_are_stored_with_their_figures(hive, host, alice):
    _, turns = alice
    _, first = begin(host, turns)
    turns.ask("ack_turn")
    _, second = begin(host, turns)
    assert int(second[11:]) == int(first[11:]) + 1
    moment = "2030-01-01T00:00:00.000Z"
    stats = TurnStats(
        started_at=moment, ended_at=moment, duration_ms=1, outcome="ok", cold=False, cost_usd=0.25, turn=int(first[11:])
    )
    assert turns.ask("turn_ended", stats=stats.as_frame())["ok"]
    assert host.ask("turns", agent="alice")["turns"][-1]["stats"]["turn"] == int(first[11:])


def test_a_thread_is_the_root_of_the_replies_and_the_operator_may_reply_to_everything(hive, host, alice):
    agent, turns = alice
    bob = Client(partial(hive.agent, "bob"))
    root = agent.ask("send", to="bob", body="a question of agents")["id"]
    reply = bob.ask("send", to="alice", body="an answer", in_reply_to=root)["id"]
    last = host.ask("send", to="bob", body="not so", in_reply_to=reply)["id"]
    foreign = turns.ask("send", to="operator", body="of others", in_reply_to=last)["id"]
    found = {
        one: (message(host, one)["in_reply_to"], message(host, one)["thread"]) for one in (root, reply, last, foreign)
    }
    assert found == {root: (None, root), reply: (root, root), last: (reply, root), foreign: (None, foreign)}
