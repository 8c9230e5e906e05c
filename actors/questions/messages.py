"""What the questions room is told. Names are broker names; times are milliseconds UTC."""

from dataclasses import dataclass

from actors.questions.states import QuestionStatus


@dataclass(frozen=True, slots=True)
class Ask:
    """A new question. Answered with its id, once it is on disk and the target has been told."""

    asker: str
    target: str
    question: str
    options: tuple[str, ...]
    multi: bool
    ttl_seconds: float | None


@dataclass(frozen=True, slots=True)
class Resolve:
    """End a question as `status`. `answerer` None is the operator, who may end any; others only what is theirs.

    Answered with True, or with False when it had ended before.
    """

    id: int
    status: QuestionStatus
    answer: str
    answerer: str


@dataclass(frozen=True, slots=True)
class Abandon:
    """An agent was destroyed: cancel what it asked and what it was asked."""

    agent: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """A tick: some deadline has come."""
