"""Why something happened, what it caused, and the conversation that a message belongs to."""

from typing import Annotated, Literal

from pydantic import Field

from harness.wire.agent_api import Message
from harness.wire.boundary.causes import CauseRow, Cost
from harness.wire.boundary.listing import ListReply
from harness.wire.limits import MAX_LABEL_CHARACTERS
from harness.wire.model import Request
from harness.wire.names import Id
from harness.wire.verb import OPERATORS, Rows, Verb

from .requests import Listing

Name = Annotated[str, Field(min_length=1, max_length=MAX_LABEL_CHARACTERS)]
"""`message:12`, `turn:alice/5`, `question:2`, `reminder:4`, `approval:3`."""


class Why(Request):
    """What led to this, backwards to where it began."""

    cmd: Literal["why"] = "why"
    name: Name


class Effects(Request):
    """What came of this."""

    cmd: Literal["effects"] = "effects"
    name: Name


class CausesReply(ListReply):
    """A tree in the order of a drawing, each row before what follows from it."""

    rows: list[CauseRow]
    cost: Cost


class Thread(Listing):
    """The conversation that the message `id` belongs to."""

    cmd: Literal["thread"] = "thread"
    id: Id


class ThreadReply(ListReply):
    """`messages` newest last; `rows` are the turns that were given them, with the approvals that those proposed.

    `total` counts all messages of the thread; `cost` is of all that came of them.
    """

    keeps_last = True

    root: int
    total: int
    messages: list[Message]
    rows: list[CauseRow]
    cost: Cost


WHY = Verb("why", Why, CausesReply, OPERATORS)
EFFECTS = Verb("effects", Effects, CausesReply, OPERATORS)
THREAD = Verb("thread", Thread, ThreadReply, OPERATORS)

VERBS: Rows = (WHY, EFFECTS, THREAD)
