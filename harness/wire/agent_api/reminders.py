"""Reminders, and everything of an agent's own that is still open."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from harness.wire.boundary.listing import ListReply
from harness.wire.boundary.values import Delay
from harness.wire.limits import MAX_REMIND_SECONDS
from harness.wire.model import Done, Record, Reply, Request
from harness.wire.names import Id
from harness.wire.times import Timestamp
from harness.wire.verb import EVERYONE, Rows, ToolText, Verb

from .questions import Question


class Reminder(Record):
    """A reminder as its owner sees it; delivered ones carry `sent_at`, troubled ones `last_error`."""

    id: int
    agent: str
    message: str
    due_at: Timestamp
    created_at: Timestamp
    sent_at: Timestamp | None = None
    attempts: int = 0
    last_error: str | None = None
    file_path: str | None = None
    cause: str | None = None
    """The turn in which it was set (`turn:alice/5`); null where that is not known."""


class Remind(Request):
    cmd: Literal["remind"] = "remind"
    message: Annotated[str, Field(min_length=1, description="What to tell you then.")]
    delay_seconds: Annotated[
        Delay | None,
        Field(
            description=f"In how many seconds, at most {MAX_REMIND_SECONDS}: a hundred years. A machine that sleeps "
            "meanwhile makes it later; `at` does not move."
        ),
    ] = None
    at: Annotated[Timestamp | None, Field(description="When, as an RFC 3339 time such as 2030-01-31T09:00:00Z.")] = None

    @model_validator(mode="after")
    def _one_moment(self) -> Self:
        if (self.delay_seconds is None) == (self.at is None):
            raise ValueError("give either delay_seconds or at")
        return self


class RemindReply(Reply):
    id: int
    due_at: Timestamp


REMIND = Verb(
    "remind",
    Remind,
    RemindReply,
    EVERYONE,
    ToolText(text="Have a message sent to yourself later. Give either delay_seconds or at."),
)


class LooseEnds(Request):
    cmd: Literal["loose_ends"] = "loose_ends"


class LooseEndsReply(ListReply):
    """`approvals` only for the manager, who sees the whole hive."""

    questions: list[Question]
    reminders: list[Reminder]
    approvals: list[dict[str, Any]] | None = None


LOOSE_ENDS = Verb(
    "loose_ends",
    LooseEnds,
    LooseEndsReply,
    EVERYONE,
    ToolText(text="Your open questions and reminders; the manager sees the whole hive's."),
)


class Cancel(Request):
    cmd: Literal["cancel"] = "cancel"
    kind: Annotated[Literal["question", "reminder"], Field(description="question or reminder.")]
    id: Annotated[Id, Field(description="Its id.")]


CANCEL = Verb("cancel", Cancel, Done, EVERYONE, ToolText(text="Take back a question or a reminder of your own."))

VERBS: Rows = (REMIND, LOOSE_ENDS, CANCEL)
