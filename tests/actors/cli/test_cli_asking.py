"""Questions and reminders in a terminal."""

import json

import pytest

from harness.wire.agent_api import Question, Reminder
from harness.wire.errors import conflict
from harness.wire.operator_api import QuestionsReply, RemindersReply

AT = "2026-01-02T03:04:05.000Z"


def question(number, **more):
    words = {"asker": "alice", "target": "operator", "question": "Which\nbranch?", "options": ["main", "dev"]}
    return Question(id=number, multi=False, asked_at=AT, **(words | more))


def reminder(number, **more):
    return Reminder(id=number, agent="alice", message="look again", due_at=AT, created_at=AT, **more)


@pytest.mark.parametrize(
    ("line", "frame", "printed"),
    [
        (["answer", "7", "main"], {"cmd": "answer_question", "id": 7, "answer": "main"}, "answered #7"),
        (["question", "cancel", "7"], {"cmd": "cancel_question", "id": 7}, "cancelled question #7"),
        (["reminder", "cancel", "7"], {"cmd": "cancel_reminder", "id": 7}, "cancelled reminder #7"),
        (["reminder", "retry", "7"], {"cmd": "retry_reminder", "id": 7}, "reminder #7 is due now"),
    ],
)
def test_a_command_is_one_request_and_one_line(daemon, hive, line, frame, printed):
    result = hive(*line)
    assert (result.exit_code, result.stdout.strip(), daemon.requests) == (0, printed, [frame])


def test_open_questions_are_listed_and_the_ended_ones_on_demand(daemon, hive):
    daemon.answers["questions"] = QuestionsReply(
        questions=[question(1, status="expired", answer="[expired]"), question(2, target="bob\x1b[2J")]
    )
    shown = hive("questions").stdout
    assert "#1" not in shown
    assert "alice → bob" in shown
    assert "Which branch?" in shown
    assert "main | dev" in shown
    assert "\x1b" not in shown
    assert "[expired]" in hive("questions", "--all").stdout
    assert [one["id"] for one in json.loads(hive("questions", "--json").stdout)] == [2]
    daemon.answers["questions"] = QuestionsReply(questions=[])
    assert hive("questions").stdout == "No question waits for an answer.\n"


def test_reminders_are_listed_with_their_error(daemon, hive):
    daemon.answers["reminders"] = RemindersReply(reminders=[reminder(3, attempts=5, last_error="no such folder")])
    shown = hive("reminders").stdout
    assert "#3" in shown
    assert "no such folder" in shown
    assert json.loads(hive("reminders", "--json").stdout)[0]["attempts"] == 5
    daemon.answers["reminders"] = RemindersReply(reminders=[])
    assert hive("reminders").stdout == "There are no reminders.\n"


def test_a_second_answer_is_refused(daemon, hive):
    daemon.answers["answer_question"] = conflict("question 7 is answered already")
    result = hive("answer", "7", "dev")
    assert (result.exit_code, result.stderr) == (1, "Error: question 7 is answered already\n")


def test_an_id_that_is_no_number_is_wrong_use(hive):
    assert hive("answer", "seven", "x").exit_code == 2
    assert hive("question", "cancel", "-1").exit_code == 2
