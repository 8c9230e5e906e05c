"""Questions that wait for an answer."""

from typing import Literal

from harness.wire.agent_api.questions import Answer, Question
from harness.wire.model import Done, Reply
from harness.wire.verb import OPERATORS, Rows, Verb

from .requests import ById, Plain


class QuestionsReply(Reply):
    questions: list[Question]


class AnswerQuestion(Answer):
    cmd: Literal["answer_question"] = "answer_question"  # type: ignore[assignment]


QUESTIONS = Verb("questions", Plain, QuestionsReply, OPERATORS)
ANSWER_QUESTION = Verb("answer_question", AnswerQuestion, Done, OPERATORS)
CANCEL_QUESTION = Verb("cancel_question", ById, Done, OPERATORS)

VERBS: Rows = (QUESTIONS, ANSWER_QUESTION, CANCEL_QUESTION)
