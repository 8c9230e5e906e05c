"""An agent asks, answers, reminds itself, sees its loose ends and cancels them; only its own."""

import pytest

from actors.agent.registry import api as agents
from harness.clock import now_ms
from harness.wire.times import to_ms
from tests.actors.whole_hive import WholeHive


@pytest.fixture(scope="module")
def shared_hive():
    hive = WholeHive()
    for name in ("alice", "bob"):
        agents.spawn(hive.directory, name)
    yield hive
    hive.remove()


@pytest.fixture
def alice(shared_hive):
    with shared_hive.agent("alice") as client, shared_hive.harness("alice") as harness:
        yield client
        harness.ask("recv", max=32), harness.ask("ack_turn")


@pytest.fixture
def bob(shared_hive):
    with shared_hive.agent("bob") as client, shared_hive.harness("bob") as harness:
        yield client
        harness.ask("recv", max=32), harness.ask("ack_turn")


def test_a_question_to_the_operator_is_answered_by_him_and_not_on_an_agents_socket(shared_hive, alice, bob):
    number = alice.ask("ask", question="main or dev?", options=["main", "dev"])["id"]
    assert [one["id"] for one in alice.ask("loose_ends")["questions"]] == [number]
    assert bob.ask("loose_ends")["questions"] == []
    for client in (alice, bob):
        assert client.ask("answer", id=number, answer="dev")["code"] == "forbidden"
    with shared_hive.host() as operator:
        assert operator.ask("answer_question", id=number, answer="dev")["ok"]
        assert operator.ask("answer_question", id=number, answer="main")["code"] == "conflict"
    [message] = alice.ask("recv", wait_seconds=5)["messages"]
    assert '"answer":"dev"' in message["body"]


def test_a_peer_answers_what_it_was_asked(alice, bob):
    number = alice.ask("ask", question="ready?", to="bob")["id"]
    assert [one["id"] for one in bob.ask("loose_ends")["questions"]] == [number]
    assert bob.ask("answer", id=number, answer="yes")["ok"]
    assert bob.ask("answer", id=number, answer="yes")["ok"], "the second answer is a no-op"
    assert '"answerer":"bob"' in alice.ask("recv", wait_seconds=5)["messages"][0]["body"]


def test_a_reminder_comes_back_as_mail(alice):
    assert alice.ask("remind", message="stretch", delay_seconds=0)["ok"]
    [message] = alice.ask("recv", wait_seconds=5)["messages"]
    assert (message["from"], message["kind"], message["body"]) == ("reminder", "reminder", "stretch")


def test_only_own_loose_ends_are_cancelled_and_the_manager_sees_all(shared_hive, alice, bob):
    question = alice.ask("ask", question="?")["id"]
    reminder = alice.ask("remind", message="later", at="2099-01-01T00:00:00Z")["id"]
    for kind, number in (("question", question), ("reminder", reminder)):
        assert bob.ask("cancel", kind=kind, id=number)["code"] in {"forbidden", "not_found"}
    with shared_hive.agent("hm1nd") as manager:
        ends = manager.ask("loose_ends")
        assert question in [one["id"] for one in ends["questions"]]
        assert reminder in [one["id"] for one in ends["reminders"]]
    for kind, number in (("question", question), ("reminder", reminder)):
        assert alice.ask("cancel", kind=kind, id=number)["ok"]
    ends = alice.ask("loose_ends")
    assert (ends["questions"], ends["reminders"]) == ([], [])


def test_a_reminder_needs_exactly_one_moment(alice):
    assert alice.ask("remind", message="x")["code"] == "bad_request"
    assert alice.ask("remind", message="x", delay_seconds=1, at="2099-01-01T00:00:00Z")["code"] == "bad_request"
    assert alice.ask("remind", message="x", at="tomorrow")["code"] == "bad_request"


def test_the_row_counts_the_reminders_that_wait(shared_hive, alice, bob):
    number = alice.ask("remind", message="later", at="2099-01-01T00:00:00Z")["id"]
    rows = {row.name: row.pending_reminders for row in agents.rows(shared_hive.directory)}
    assert (rows["alice"], rows["bob"]) == (1, 0)
    assert alice.ask("cancel", kind="reminder", id=number)["ok"]


def test_a_reminder_is_due_at_a_time_by_the_clock_or_a_while_after_now(shared_hive, alice):
    for at, due_at in (("2099-01-01T00:00:02Z", "2099-01-01T00:00:02.000Z"), ("2099-01-01T01:00:02+01:00",) * 2):
        assert to_ms(alice.ask("remind", message="x", at=at)["due_at"]) == to_ms(due_at)
    due_in = to_ms(alice.ask("remind", message="x", delay_seconds=3600.5)["due_at"]) - now_ms()
    assert 3_590_000 < due_in <= 3_600_500
    for reminder in alice.ask("loose_ends")["reminders"]:
        alice.ask("cancel", kind="reminder", id=reminder["id"])
