"""Why something happened and what it caused, asked of a whole hive over the operator's socket."""

from functools import partial

import pytest

from actors.broker import api as broker
from harness.wire.events import TurnStats
from tests.actors.agent.test_agent_generations import Client
from tests.actors.whole_hive import WholeHive
from tests.waiting import until

pytestmark = pytest.mark.slow
MOMENT = "2030-01-01T00:00:00.000Z"


class Worker:
    """An agent with its harness: takes turns by hand."""

    def __init__(self, hive, name):
        self.name, self.agent, self.harness = (
            name,
            Client(partial(hive.agent, name)),
            Client(partial(hive.harness, name)),
        )

    def turn(self, work, *, cost=0.1, tools=2):
        """A turn on the next mail; `work` is done in it. Its name, and what `work` gave."""
        given = until(lambda: self.harness.ask("recv")["messages"], f"mail for {self.name}")
        number = self.harness.ask("begin_turn", message_ids=[one["id"] for one in given])["turn"]
        done = work(self.agent)
        self.harness.ask("ack_turn")
        stats = TurnStats(
            started_at=MOMENT, ended_at=MOMENT, duration_ms=1500, outcome="ok", cold=False, cost_usd=cost,
            tools={"Bash": tools}, turn=number,
        )  # fmt: skip
        assert self.harness.ask("turn_ended", stats=stats.as_frame())["ok"]
        return f"turn:{self.name}/{number}", done


def say(to, body, **more):
    return lambda agent: agent.ask("send", to=to, body=body, **more)["id"]


def nothing(_agent):
    return None


@pytest.fixture(scope="module")
def hive():
    hive = WholeHive()
    hive.settle_in(["alice", "bob", "carol"])
    yield hive
    hive.remove()


@pytest.fixture(scope="module")
def host(hive):
    return Client(hive.host)


@pytest.fixture(scope="module")
def story(hive, host):
    """The operator asks alice; she asks bob, who asks carol twice; carol answers and proposes nothing; bob reports."""
    alice, bob, carol = (Worker(hive, name) for name in ("alice", "bob", "carol"))
    asked = host.ask("send", to="alice", body="how many boats are there?")["id"]
    turn1, to_bob = alice.turn(say("bob", "count the boats"))
    turn2, to_carol = bob.turn(
        lambda agent: [say("carol", "the north pier?")(agent), say("carol", "the south pier?")(agent)]
    )
    turn3, answer = carol.turn(say("bob", "three in the north", in_reply_to=to_carol[0]), cost=0.05)
    turn4, reminder = carol.turn(
        lambda agent: agent.ask("remind", message="look again", delay_seconds=0)["id"], cost=0.01
    )
    turn5, report = bob.turn(say("operator", "three boats"), cost=0.02)
    turn6, _ = carol.turn(nothing, cost=None)
    return locals()


def rows(host, verb, name):
    reply = host.ask(verb, name=name)
    assert reply["ok"], reply
    return reply["rows"], reply["cost"]


def test_effects_are_all_that_came_of_a_message_with_their_cost(host, story):
    found, cost = rows(host, "effects", f"message:{story['asked']}")
    names = [row["name"] for row in found]
    assert names[:4] == [f"message:{story['asked']}", story["turn1"], f"message:{story['to_bob']}", story["turn2"]]
    for wanted in ("turn3", "turn4", "turn5", "turn6"):
        assert story[wanted] in names
    assert {f"message:{story['report']}", f"reminder:{story['reminder']}"} <= set(names)
    assert (cost["turns"], cost["agents"], cost["unpriced"], cost["complete"]) == (6, 3, 1, True)
    assert cost["cost_usd"] == pytest.approx(0.1 + 0.1 + 0.05 + 0.01 + 0.02)
    assert cost["tools"] == 12


def test_why_leads_back_to_the_operator(host, story):
    found, cost = rows(host, "why", f"message:{story['report']}")
    assert [row["name"] for row in found] == [
        f"message:{story['report']}", story["turn5"], f"message:{story['answer']}", story["turn3"],
        f"message:{story['to_carol'][0]}", story["turn2"], f"message:{story['to_bob']}", story["turn1"],
        f"message:{story['asked']}",
    ]  # fmt: skip
    assert [row["depth"] for row in found] == list(range(9))
    assert [row["origin"] for row in found] == [None] * 8 + ["operator"]
    assert (cost["turns"], cost["agents"]) == (4, 3)


def test_a_turn_shows_its_figures(host, story):
    (row, *_), _ = rows(host, "why", story["turn3"])
    assert (row["who"], row["status"], row["duration_ms"], row["cost_usd"], row["tools"]) == (
        "carol",
        "ok",
        1500,
        0.05,
        2,
    )


def test_the_mail_of_a_reminder_leads_to_the_turn_that_set_it(host, story):
    found, _ = rows(host, "why", story["turn6"])
    assert [row["name"].split(":")[0] for row in found[:4]] == ["turn", "message", "reminder", "turn"]
    assert found[3]["name"] == story["turn4"]


def test_what_nobody_knows_the_reason_of_says_so(hive, host):
    sent = Client(partial(hive.agent, "alice")).ask("send", to="operator", body="on my own")["id"]
    woken = Client(partial(hive.agent, "alice")).ask("wake", **{"from": "cron"}, body="tick")["id"]
    found = {name: rows(host, "why", name)[0][0]["origin"] for name in (f"message:{sent}", f"message:{woken}")}
    assert found == {f"message:{sent}": "unknown", f"message:{woken}": "outside"}
    Client(partial(hive.harness, "alice")).ask("recv", max=32)
    Client(partial(hive.harness, "alice")).ask("ack_turn")


def test_a_reply_of_the_operator_came_of_what_it_replies_to(host, story):
    reply = host.ask("send", to="bob", body="sure?", in_reply_to=story["report"])["id"]
    found, _ = rows(host, "why", f"message:{reply}")
    assert found[1]["name"] == f"message:{story['report']}"
    assert f"message:{reply}" in [row["name"] for row in rows(host, "effects", f"message:{story['report']}")[0]]


def test_a_thread_is_the_messages_with_the_turns_on_them_and_the_cost_of_all_that_came_of_it(host, story):
    reply = host.ask("thread", id=story["answer"])
    assert (reply["root"], reply["total"]) == (story["to_carol"][0], 2)
    assert [one["id"] for one in reply["messages"]] == [story["to_carol"][0], story["answer"]]
    assert [row["name"] for row in reply["rows"]] == [story["turn3"], story["turn5"]]
    assert reply["cost"]["cost_usd"] == pytest.approx(0.07)


@pytest.mark.parametrize(("verb", "arguments", "code"), [
    ("why", {"name": "message:99999"}, "not_found"),
    ("effects", {"name": "turn:nobody/1"}, "not_found"),
    ("why", {"name": "mail:1"}, "bad_request"),
    ("thread", {"id": 99_999}, "not_found"),
])  # fmt: skip
def test_what_is_not_there_is_an_error_and_no_empty_tree(host, verb, arguments, code):
    assert host.ask(verb, **arguments)["code"] == code


def test_a_broadcast_to_many_is_cut_and_says_how_much_is_missing(hive, host):
    alice = Worker(hive, "alice")
    host.ask("send", to="alice", body="tell everybody, often")
    turn, _ = alice.turn(lambda agent: [agent.ask("send", to="*", body=f"news {number}")["ok"] for number in range(80)])
    found, cost = rows(host, "effects", turn)
    assert len(found) <= 201
    assert found[0]["more"] > 0
    assert cost["complete"] is False


def test_a_turn_runs_until_it_is_settled_and_one_whose_mail_went_back_was_cut_off(hive, host):
    bob = Worker(hive, "bob")
    while bob.harness.ask("recv", max=32)["messages"]:
        bob.harness.ask("ack_turn")
    number = host.ask("send", to="bob", body="begin")["id"]
    assert [one["id"] for one in bob.harness.ask("recv")["messages"]] == [number]
    turn = f"turn:bob/{bob.harness.ask('begin_turn', message_ids=[number])['turn']}"
    assert rows(host, "why", turn)[0][0]["status"] == "running"
    broker.requeue_later(hive.directory, "bob")  # as when its container ends
    until(lambda: rows(host, "why", turn)[0][0]["status"] == "cut off", "the turn was cut off")
    bob.harness.ask("recv", max=32)
    bob.harness.ask("ack_turn")
    assert rows(host, "why", turn)[0][0]["status"] is None
