"""Questions: asked without waiting, posted to their target, ended exactly once."""

import json

import pytest

from actors.questions import api, choice
from actors.questions.actor import QuestionsActor
from actors.questions.states import TRANSITIONS, QuestionStatus
from actors.store import api as store
from harness.wire.agent_api import MAX_QUESTION_TTL_SECONDS, Question
from harness.wire.errors import HiveError
from harness.wire.limits import MAX_OPEN_QUESTIONS
from tests.actors.components import Components

OF_BEFORE = (
    "INSERT INTO questions (id, asker, target, question, options, multi, asked_at, status)"
    " VALUES (7, 'alice', 'operator', '?', '[\"yes\"]', 0, 1, 'pending')"
)


@pytest.fixture
def components(tmp_path):
    components = Components(tmp_path, "alice", "bob")
    start(components)
    yield components
    components.close()


def start(components):
    components.boot("questions", QuestionsActor(directory=components.directory, clock=components.clock))


def ask(components, **changes):
    words = {"asker": "alice", "target": "operator", "question": "which branch?", "options": ["main", "dev"]}
    return api.ask(components.directory, **(words | changes))


def events(components, name):
    return [json.loads(message.body) for message in components.mail(name)]


def test_a_question_to_the_operator_shows_and_its_answer_reaches_the_asker(components):
    number = ask(components)
    assert [(one.id, one.question, one.options, one.status) for one in api.pending(components.directory)] == [
        (number, "which branch?", ["main", "dev"], "pending")
    ]
    assert api.answer(components.directory, question_id=number, answer="dev", answerer="operator")
    [event] = events(components, "alice")
    assert (event["event"], event["id"], event["answer"], event["answerer"], event["outcome"]) == (
        "question_answered", number, "dev", "operator", "answered",
    )  # fmt: skip
    assert api.pending(components.directory) == []
    assert [one["status"] for one in components.emitted("question")] == ["pending", "answered"]


def test_a_peer_is_told_that_it_was_asked_and_may_answer(components):
    number = ask(components, target="bob", multi=True)
    [event] = events(components, "bob")
    assert (event["event"], event["asker"], event["multi"]) == ("question_asked", "alice", True)
    assert api.answer(components.directory, question_id=number, answer="main", answerer="bob")
    assert events(components, "alice")[0]["answerer"] == "bob"


def test_only_the_target_answers_and_only_the_asker_cancels_but_the_operator_may_both(components):
    number = ask(components, target="bob")
    with pytest.raises(HiveError, match="not yours"):
        api.answer(components.directory, question_id=number, answer="x", answerer="alice")
    with pytest.raises(HiveError, match="not yours"):
        api.cancel(components.directory, question_id=number, by="bob")
    operators = ask(components)
    with pytest.raises(HiveError, match="not yours"):
        api.answer(components.directory, question_id=operators, answer="x", answerer="bob")
    assert api.answer(components.directory, question_id=number, answer="main", answerer="operator")
    assert api.cancel(components.directory, question_id=operators)


def test_the_second_end_of_a_question_is_a_no_op_that_the_operator_is_told_of(components):
    number = ask(components, target="bob")
    assert api.cancel(components.directory, question_id=number, by="alice")
    assert not api.answer(components.directory, question_id=number, answer="late", answerer="bob")
    with pytest.raises(HiveError, match="cancelled already"):
        api.answer(components.directory, question_id=number, answer="late", answerer="operator")
    assert [one["outcome"] for one in events(components, "alice")] == ["cancelled"]


def test_a_deadline_expires_the_question_and_not_earlier(components):
    ask(components, ttl_seconds=60)
    components.clock.advance(59.9)
    assert len(api.pending(components.directory)) == 1
    components.clock.advance(0.2)
    components.directory.ask("questions", "are you done?")
    [event] = events(components, "alice")
    assert (event["outcome"], event["answer"], event["answerer"]) == ("expired", "[expired]", "ttl-watchdog")


def test_deadlines_are_armed_again_after_a_restart_also_those_that_passed_meanwhile(components):
    ask(components, ttl_seconds=60)
    later = ask(components, ttl_seconds=3600)
    components.stop("questions")
    components.clock.advance(120)
    start(components)
    components.clock.advance(0)
    components.directory.ask("questions", "are you done?")
    assert [one["outcome"] for one in events(components, "alice")] == ["expired"]
    assert [one.id for one in api.pending(components.directory)] == [later]
    assert ask(components) == later + 1


def test_a_ttl_is_cut_to_six_hours(components):
    ask(components, ttl_seconds=1_000_000)
    components.clock.advance(MAX_QUESTION_TTL_SECONDS - 1)
    components.directory.ask("questions", "are you done?")
    assert len(api.pending(components.directory)) == 1
    components.clock.advance(2)
    components.directory.ask("questions", "are you done?")
    assert api.pending(components.directory) == []


def test_a_question_to_nobody_or_to_oneself_is_refused_and_leaves_no_row(components):
    with pytest.raises(HiveError, match="nobody"):
        ask(components, target="alice")
    with pytest.raises(HiveError, match="carol"):
        ask(components, target="carol")
    assert api.recent(components.directory) == []


def test_every_question_to_and_from_a_destroyed_agent_is_cancelled(components):
    ask(components, asker="bob"), ask(components, target="bob")
    api.abandon(components.directory, "bob")
    components.directory.ask("questions", "are you done?")
    assert [one.status for one in api.recent(components.directory)] == ["cancelled", "cancelled"]


def test_final_states_lead_nowhere():
    assert TRANSITIONS.keys() == set(QuestionStatus)
    assert [state for state, following in TRANSITIONS.items() if following] == [QuestionStatus.PENDING]


@pytest.mark.parametrize(
    ("words", "taken", "refused"),
    [
        ({}, ["main", " dev\n"], ["neither", "", "Main", "main, dev"]),
        ({"multi": True}, ["main", "dev, main"], ["main,dev", "main, other", ", ", "main, "]),
        ({"multi": True, "options": ["a", "a, b"]}, ["a, b, a", "a, b"], ["b"]),
        ({"free_text": True}, ["main", "neither of them"], []),
        ({"options": []}, ["anything"], []),
    ],
)
def test_an_answer_is_one_of_the_options_unless_other_words_are_allowed(components, words, taken, refused):
    for answer in refused:
        number = ask(components, **words)
        with pytest.raises(HiveError, match="takes no other answer") as refusal:
            api.answer(components.directory, question_id=number, answer=answer, answerer="operator")
        assert words.get("options", ["main", "dev"])[0] in refusal.value.hint
        assert api.cancel(components.directory, question_id=number)
    for answer in taken:
        assert api.answer(
            components.directory, question_id=ask(components, **words), answer=answer, answerer="operator"
        )


def test_a_refused_answer_leaves_the_question_open(components):
    number = ask(components, target="bob")
    with pytest.raises(HiveError):
        api.answer(components.directory, question_id=number, answer="perhaps", answerer="bob")
    assert [one.id for one in api.pending(components.directory)] == [number]
    assert events(components, "alice") == []
    assert api.answer(components.directory, question_id=number, answer="dev", answerer="bob")


def test_many_options_that_begin_alike_are_told_apart_at_once():
    question = Question(
        id=1, asker="a", target="b", question="?", options=["a"] * 32, multi=True, asked_at="2026-01-01T00:00:00.000Z"
    )
    with pytest.raises(HiveError):
        choice.check(question, ", ".join(["a"] * 5000) + ", b")


def test_one_that_asks_more_than_anybody_reads_is_refused_until_an_answer_comes(components):
    numbers = [ask(components) for _ in range(MAX_OPEN_QUESTIONS)]
    with pytest.raises(HiveError, match="wait for an answer already") as refusal:
        ask(components)
    assert refusal.value.code == "conflict"
    assert ask(components, asker="bob", target="alice")  # the cap is each agent's own
    api.answer(components.directory, question_id=numbers[0], answer="main", answerer="operator")
    assert ask(components)


def test_a_question_of_the_version_before_takes_any_answer(components):
    components.stop("questions")
    store.write(components.directory, lambda connection: connection.execute(OF_BEFORE) and None).get(timeout=5)
    start(components)
    assert api.answer(components.directory, question_id=7, answer="neither", answerer="operator")
