"""Questions: asked without waiting, told to whom they concern, ended exactly once."""

import json

import pytest

from actors.questions import api
from actors.questions.actor import QuestionsActor
from actors.questions.states import TRANSITIONS, QuestionStatus
from harness.wire.errors import HiveError
from tests.actors.rooms import Rooms


@pytest.fixture
def rooms(tmp_path):
    rooms = Rooms(tmp_path, "alice", "bob")
    start(rooms)
    yield rooms
    rooms.close()


def start(rooms):
    rooms.boot("questions", QuestionsActor(directory=rooms.directory, clock=rooms.clock))


def ask(rooms, **changes):
    words = {"asker": "alice", "target": "operator", "question": "which branch?", "options": ["main", "dev"]}
    return api.ask(rooms.directory, **(words | changes))


def events(rooms, name):
    return [json.loads(message.body) for message in rooms.mail(name)]


def test_a_question_to_the_operator_shows_and_its_answer_reaches_the_asker(rooms):
    number = ask(rooms)
    assert [(one.id, one.question, one.options, one.status) for one in api.pending(rooms.directory)] == [
        (number, "which branch?", ["main", "dev"], "pending")
    ]
    assert api.answer(rooms.directory, question_id=number, answer="dev", answerer="operator")
    [event] = events(rooms, "alice")
    assert (event["event"], event["id"], event["answer"], event["answerer"], event["outcome"]) == (
        "question_answered", number, "dev", "operator", "answered",
    )  # fmt: skip
    assert api.pending(rooms.directory) == []
    assert [one["status"] for one in rooms.heard("question")] == ["pending", "answered"]


def test_a_peer_is_told_that_it_was_asked_and_may_answer(rooms):
    number = ask(rooms, target="bob", multi=True)
    [event] = events(rooms, "bob")
    assert (event["event"], event["asker"], event["multi"]) == ("question_asked", "alice", True)
    assert api.answer(rooms.directory, question_id=number, answer="main", answerer="bob")
    assert events(rooms, "alice")[0]["answerer"] == "bob"


def test_only_the_target_answers_and_only_the_asker_cancels_but_the_operator_may_both(rooms):
    number = ask(rooms, target="bob")
    with pytest.raises(HiveError, match="not yours"):
        api.answer(rooms.directory, question_id=number, answer="x", answerer="alice")
    with pytest.raises(HiveError, match="not yours"):
        api.cancel(rooms.directory, question_id=number, by="bob")
    operators = ask(rooms)
    with pytest.raises(HiveError, match="not yours"):
        api.answer(rooms.directory, question_id=operators, answer="x", answerer="bob")
    assert api.answer(rooms.directory, question_id=number, answer="overridden", answerer="operator")
    assert api.cancel(rooms.directory, question_id=operators)


def test_the_second_end_of_a_question_is_a_no_op_that_the_operator_is_told_of(rooms):
    number = ask(rooms, target="bob")
    assert api.cancel(rooms.directory, question_id=number, by="alice")
    assert not api.answer(rooms.directory, question_id=number, answer="late", answerer="bob")
    with pytest.raises(HiveError, match="cancelled already"):
        api.answer(rooms.directory, question_id=number, answer="late", answerer="operator")
    assert [one["outcome"] for one in events(rooms, "alice")] == ["cancelled"]


def test_a_deadline_expires_the_question_and_not_earlier(rooms):
    ask(rooms, ttl_seconds=60)
    rooms.clock.advance(59.9)
    assert len(api.pending(rooms.directory)) == 1
    rooms.clock.advance(0.2)
    rooms.directory.ask("questions", "are you done?")
    [event] = events(rooms, "alice")
    assert (event["outcome"], event["answer"], event["answerer"]) == ("expired", "[expired]", "ttl-watchdog")


def test_deadlines_are_armed_again_after_a_restart_also_those_that_passed_meanwhile(rooms):
    ask(rooms, ttl_seconds=60)
    later = ask(rooms, ttl_seconds=3600)
    rooms.stop("questions")
    rooms.clock.advance(120)
    start(rooms)
    rooms.clock.advance(0)
    rooms.directory.ask("questions", "are you done?")
    assert [one["outcome"] for one in events(rooms, "alice")] == ["expired"]
    assert [one.id for one in api.pending(rooms.directory)] == [later]
    assert ask(rooms) == later + 1


def test_a_ttl_is_cut_to_six_hours(rooms):
    ask(rooms, ttl_seconds=1_000_000)
    rooms.clock.advance(6 * 3600 - 1)
    rooms.directory.ask("questions", "are you done?")
    assert len(api.pending(rooms.directory)) == 1
    rooms.clock.advance(2)
    rooms.directory.ask("questions", "are you done?")
    assert api.pending(rooms.directory) == []


def test_a_question_to_nobody_or_to_oneself_is_refused_and_leaves_no_row(rooms):
    with pytest.raises(HiveError, match="nobody"):
        ask(rooms, target="alice")
    with pytest.raises(HiveError, match="carol"):
        ask(rooms, target="carol")
    assert api.recent(rooms.directory) == []


def test_what_a_destroyed_agent_asked_and_was_asked_is_cancelled(rooms):
    ask(rooms, asker="bob"), ask(rooms, target="bob")
    api.abandon(rooms.directory, "bob")
    rooms.directory.ask("questions", "are you done?")
    assert [one.status for one in api.recent(rooms.directory)] == ["cancelled", "cancelled"]


def test_final_states_lead_nowhere():
    assert TRANSITIONS.keys() == set(QuestionStatus)
    assert [state for state, following in TRANSITIONS.items() if following] == [QuestionStatus.PENDING]
