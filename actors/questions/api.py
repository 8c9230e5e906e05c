"""The interface of the questions. Every function takes the directory first; names may be written either way.

Errors: `not_found` for a question that does not exist or has ended and is not the caller's, `forbidden` for a pending
one that the caller may not end, `bad_request`, `unavailable` when the database cannot be written.
"""

from collections.abc import Sequence

from actors.questions import queries
from actors.questions.messages import Abandon, Ask, Resolve
from actors.questions.states import SHOWN, QuestionStatus
from actors.store import api as store
from actors.supervision import Directory
from harness.wire.agent_api import Question
from harness.wire.names import OPERATOR, broker_name

QUESTIONS = "questions"
ASK_SECONDS = 30.0


def ask(
    directory: Directory,
    *,
    asker: str,
    target: str,
    question: str,
    options: Sequence[str] = (),
    multi: bool = False,
    free_text: bool = False,
    ttl_seconds: float | None = None,
    cause: str | None = None,
) -> int:
    """Ask without waiting for the answer; returns the id. The answer arrives as a `question_answered` event.

    `conflict` when `MAX_OPEN_QUESTIONS` of the asker wait for an answer already.
    """
    asked = (question, tuple(options), multi, free_text, ttl_seconds, cause)
    message = Ask(broker_name(asker), broker_name(target), *asked)
    reply: int = directory.ask(QUESTIONS, message, timeout=ASK_SECONDS)
    return reply


def answer(directory: Directory, *, question_id: int, answer: str, answerer: str) -> bool:
    """Answer as its target, or as the operator, who may answer any. False when the question had ended before.

    `bad_request` for an answer that is none of the options, unless the question allows other words.
    """
    return _resolve(directory, Resolve(question_id, QuestionStatus.ANSWERED, answer, broker_name(answerer)))


def cancel(directory: Directory, *, question_id: int, by: str = OPERATOR) -> bool:
    """Cancel as its asker, or as the operator. False when the question had ended before."""
    word = SHOWN[QuestionStatus.CANCELLED]
    return _resolve(directory, Resolve(question_id, QuestionStatus.CANCELLED, word, broker_name(by)))


def abandon(directory: Directory, agent: str) -> None:
    """Cancel every question to and from an agent or peer that is gone for good. Never waits."""
    directory.tell(QUESTIONS, Abandon(broker_name(agent)))


def abandon_now(directory: Directory, agent: str) -> None:
    """`abandon`, and all of it is on disk: for a name whose next owner must not get the answers."""
    directory.ask(QUESTIONS, Abandon(broker_name(agent)), timeout=ASK_SECONDS)


def recent(directory: Directory) -> list[Question]:
    """Every pending question and the latest of the others, oldest first."""
    return store.read(directory, queries.recent)


def pending(directory: Directory) -> list[Question]:
    """Every pending question, oldest first."""
    return store.read(directory, queries.pending)


def of(directory: Directory, name: str) -> list[Question]:
    """The pending questions to and from `name`."""
    return store.read(directory, queries.of(broker_name(name)))


def _resolve(directory: Directory, message: Resolve) -> bool:
    reply: bool = directory.ask(QUESTIONS, message, timeout=ASK_SECONDS)
    return reply
