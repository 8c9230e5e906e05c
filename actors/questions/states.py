"""The life of a question. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from harness.wire.errors import HiveError, conflict


class QuestionStatus(StrEnum):
    """Where a question stands; all but `pending` are final."""

    PENDING = "pending"
    ANSWERED = "answered"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


TRANSITIONS: Mapping[QuestionStatus, frozenset[QuestionStatus]] = {
    QuestionStatus.PENDING: frozenset({QuestionStatus.ANSWERED, QuestionStatus.EXPIRED, QuestionStatus.CANCELLED}),
    QuestionStatus.ANSWERED: frozenset(),
    QuestionStatus.EXPIRED: frozenset(),
    QuestionStatus.CANCELLED: frozenset(),
}

SHOWN: Mapping[QuestionStatus, str] = {
    QuestionStatus.EXPIRED: "[expired]",
    QuestionStatus.CANCELLED: "[cancelled]",
}
"""The text in place of an answer, for a question that ended without one."""


def already(status: QuestionStatus, question_id: int) -> HiveError:
    """The error for the second of two answers."""
    return conflict(f"question {question_id} is {status.value} already")
