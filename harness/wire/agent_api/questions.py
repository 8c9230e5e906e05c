"""Questions: asked of the operator or of an agent, answered, expired or cancelled."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from harness.wire.boundary.values import at_most, check_size
from harness.wire.limits import MAX_ANSWER_BYTES, MAX_OPTIONS, MAX_QUESTION_BYTES, MAX_QUESTION_TTL_SECONDS
from harness.wire.model import Done, Record, Request
from harness.wire.names import OPERATOR, AgentName, Id
from harness.wire.times import Timestamp
from harness.wire.verb import EVERYONE, Rows, ToolText, Verb

from .mail import IdReply


class Question(Record):
    """A question as its asker or target sees it; `status` is pending, answered, expired or cancelled."""

    id: int
    asker: str
    target: str
    question: str
    options: list[str]
    multi: bool
    free_text: bool = False
    """Whether another answer than the options is taken. Without options every answer is."""
    asked_at: Timestamp
    deadline_at: Timestamp | None = None
    status: str = "pending"
    answer: str | None = None
    answerer: str | None = None
    resolved_at: Timestamp | None = None
    cause: str | None = None
    """The turn in which it was asked (`turn:alice/5`); null where that is not known."""


class Ask(Request):
    cmd: Literal["ask"] = "ask"
    question: Annotated[str, Field(min_length=1, description="The question, complete in itself.")]
    options: Annotated[
        list[str],
        Field(max_length=MAX_OPTIONS, description=f"Answers to choose from, up to {MAX_OPTIONS}; left out: free text."),
    ] = []
    multi: Annotated[bool, Field(description="Whether several options may be chosen.")] = False
    free_text: Annotated[
        bool, Field(description="Whether an answer in other words is taken beside the options; else it is refused.")
    ] = False
    ttl_seconds: Annotated[
        Annotated[int, Field(gt=0)] | None,
        Field(description=f"After how long it expires unanswered, at most {MAX_QUESTION_TTL_SECONDS}."),
    ] = None
    to: Annotated[AgentName, Field(description=f"Whom to ask. Default {OPERATOR}.")] = OPERATOR

    @model_validator(mode="after")
    def _short_enough(self) -> Self:
        check_size("\n".join((self.question, *self.options)), MAX_QUESTION_BYTES, "a question with its options")
        return self


ASK = Verb(
    "ask",
    Ask,
    IdReply,
    EVERYONE,
    ToolText(
        text="Put a question to the operator or an agent. Returns its id at once; end your turn, the answer comes as "
        "mail."
    ),
)


class Answer(Request):
    cmd: Literal["answer"] = "answer"
    id: Annotated[Id, Field(description="The question's id.")]
    answer: Annotated[
        str,
        at_most(MAX_ANSWER_BYTES, "an answer"),
        Field(description="Your answer: one of its options if it has any (several with `, ` between if multi)."),
    ]


ANSWER = Verb("answer", Answer, Done, EVERYONE, ToolText(text="Answer a question that was put to you."))

VERBS: Rows = (ASK, ANSWER)
