"""What the demo's second act counts as done, and what its operator does when."""

import json

import pytest

from actors.cli.demo.decisions import ANSWER, NOTE, Answer, Approve, Decisions, Deny, Review, rows


def approval(number, agent, kind, status, note=None):
    data = {"id": number, "agent": agent, "kind": kind, "status": status, "sha": "ab" * 20, "note": note}
    return {"kind": "approval", "data": data}


def message(number, sender, to, body, kind="message"):
    return {"kind": "message", "data": {"id": number, "from": sender, "to": to, "body": body, "kind": kind}}


def event(number, to, **fields):
    return message(number, "system", to, json.dumps(fields), "event")


def question(status, answer=None):
    data = {"id": 1, "asker": "carol", "target": "operator", "question": "tone?", "status": status, "answer": answer}
    return {"kind": "question", "data": data}


EVENTS = {
    "proposal": approval(1, "carol", "spawn", "approved"),
    "refused": approval(2, "bob", "apply_commit", "denied", NOTE),
    "denial": event(11, "manager", event="approval_resolved", status="denied", note=NOTE),
    "spawned": event(12, "manager", event="spawned", agent="carol", ok=True),
    "passed on": message(13, "manager", "operator", f"Understood: {NOTE}"),
    "greeting": message(14, "carol", "operator", "Hello!"),
    "answer": event(15, "carol", event="question_answered", answer=ANSWER),
    "reminder": {"kind": "reminder", "data": {"id": 1, "agent": "carol", "message": "greet", "sent_at": "now"}},
    "greeted again": message(16, "carol", "operator", f"I greet you {ANSWER}"),
    "dealt with": {"kind": "acked", "data": {"ids": [10, 11, 12, 15], "to": "manager"}},
}


def played(*, without=(), reviews=None):
    decisions = Decisions(request=10)
    decisions.take(message(10, "operator", "manager", "please"))
    for name, one in EVENTS.items():
        if name not in without:
            decisions.take(one)
    decisions.reviews = (
        {1: Review("+allowedRecipients = []", "hm1nd"), 2: Review("+model", "hm1nd")} if reviews is None else reviews
    )
    return decisions


def test_a_whole_act_lacks_nothing():
    assert played().missing() == []


@pytest.mark.parametrize(
    ("without", "sentences"),
    [
        (["proposal"], ["manager did not propose carol (spawn)"]),
        (["refused"], ["manager did not propose bob (apply_commit)"]),
        (["denial"], ["manager did not hear of the denial and its note"]),
        (["spawned"], ["manager did not hear that carol is there"]),
        (["passed on"], ["manager did not pass the note on"]),
        (["greeting", "greeted again"], ["carol did not greet operator", "carol did not do what the answer says"]),
        (["answer"], ["carol did not get the answer"]),
        (["reminder"], ["no reminder of carol fired"]),
        (["dealt with"], ["4 messages are not dealt with"]),
    ],
)
def test_what_did_not_happen_is_named(without, sentences):
    assert played(without=without).missing() == sentences


def test_a_decision_without_a_review_of_the_diff_does_not_count():
    assert played(reviews={}).missing() == ["the operator saw no diff of carol", "the operator saw no diff of bob"]
    strange = {1: Review("+model", "hm1nd"), 2: Review("+model", "eve")}
    assert played(reviews=strange).missing() == [
        "the diff of carol does not show what it may do",
        "the commit of bob is by eve, not by manager",
    ]


def test_the_operator_decides_each_thing_once():
    decisions = Decisions()
    decisions.take(approval(1, "carol", "spawn", "pending"))
    decisions.take(approval(2, "bob", "apply_commit", "pending"))
    decisions.take(question("pending"))
    assert decisions.due() == [Approve(1, "carol"), Deny(2, "bob", NOTE), Answer(1, ANSWER)]
    decisions.done.update(decisions.due())
    assert decisions.due() == []
    decisions.take(approval(1, "carol", "spawn", "failed"))
    assert "the proposal of carol is failed, not approved" in decisions.missing()


def test_events_after_the_end_of_the_act_do_not_belong_to_it():
    decisions = played()
    decisions.over = True
    decisions.take(message(99, "operator", "carol", "Thank you!"))
    assert decisions.missing() == []


def test_the_table_shows_what_was_decided_asked_and_set():
    decisions = played()
    decisions.take(question("answered", ANSWER))
    assert rows(decisions) == [
        ("approval #1", "spawn carol", "hm1nd", "abababababab", "approved", ""),
        ("approval #2", "apply_commit bob", "hm1nd", "abababababab", "denied", NOTE),
        ("question #1", "tone?", "carol", "-", "answered", ANSWER),
        ("reminder #1", "greet", "carol", "-", "fired", ""),
    ]
