"""Questions that wait for an answer."""

from collections.abc import Mapping
from typing import Any, Literal

from harness.wire.agent_api.questions import Answer, Question
from harness.wire.boundary.listing import ListReply
from harness.wire.model import Done
from harness.wire.verb import OPERATORS, Rows, Verb

from .requests import ById, Plain


class QuestionsReply(ListReply):
    keeps_last = True

    questions: list[Question]

    @classmethod
    def rank(cls, row: Mapping[str, Any]) -> int:
        """What waits for an answer stays longest."""
        return int(row["status"] != "pending")


class AnswerQuestion(Answer):
    cmd: Literal["answer_question"] = "answer_question"  # type: ignore[assignment]


QUESTIONS = Verb("questions", Plain, QuestionsReply, OPERATORS)
ANSWER_QUESTION = Verb("answer_question", AnswerQuestion, Done, OPERATORS)
CANCEL_QUESTION = Verb("cancel_question", ById, Done, OPERATORS)

VERBS: Rows = (QUESTIONS, ANSWER_QUESTION, CANCEL_QUESTION)
