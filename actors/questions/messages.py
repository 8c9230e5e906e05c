"""The messages of the questions actor. Names are broker names."""

from dataclasses import dataclass

from actors.questions.states import QuestionStatus


@dataclass(frozen=True, slots=True)
class Ask:
    """A new question. → its id, once the question and its mail are on disk."""

    asker: str
    target: str
    question: str
    options: tuple[str, ...]
    multi: bool
    free_text: bool
    ttl_seconds: float | None
    cause: str | None = None
    """The turn of the asker, by its name."""


@dataclass(frozen=True, slots=True)
class Resolve:
    """End a question as `status`. The operator may end any; an agent answers what it was asked, cancels what it asked.

    → True, or False when the question had ended before.
    """

    id: int
    status: QuestionStatus
    answer: str
    answerer: str


@dataclass(frozen=True, slots=True)
class Abandon:
    """An agent was destroyed or a peer removed: cancel every question to and from it."""

    agent: str


@dataclass(frozen=True, slots=True)
class DeadlineTick:
    """To itself: a deadline may have come."""
