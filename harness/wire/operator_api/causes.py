"""Why something happened, what it caused, and the conversation that a message belongs to."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from harness.wire.agent_api import Message
from harness.wire.boundary.listing import ListReply
from harness.wire.limits import MAX_LABEL_CHARACTERS
from harness.wire.model import Record, Request
from harness.wire.names import Id
from harness.wire.times import Timestamp
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


class Origin(StrEnum):
    """Why nothing stands before a row."""

    OPERATOR = "operator"
    """The operator did it."""
    HIVE = "hive"
    """The hive did it by itself."""
    OUTSIDE = "outside"
    """A program beside the agent did it (`wake`)."""
    UNKNOWN = "unknown"
    """It was done outside a turn, by a peer, or in an earlier version."""


class CauseRow(Record):
    """One row of a tree, with the rows of a greater depth below it. A row that is not kept any more has no time.

    `status` is the outcome of a turn (or `running`), the state of a question, reminder or approval, the kind of a
    message. `again`: it stands in the tree before, with all that follows. `more`: so much that follows is not shown.
    """

    name: str
    depth: int
    at: Timestamp | None = None
    who: str = ""
    to: str | None = None
    text: str = ""
    status: str | None = None
    thread: int | None = None
    origin: Origin | None = None
    again: bool = False
    more: int = 0
    duration_ms: int | None = None
    cost_usd: float | None = None
    tools: int | None = None


class Cost(Record):
    """Of the turns in a tree: how many, of how many agents, what they cost together, and how many have no price.

    With `complete` false the tree was cut and they are more. `cost_usd` is null when no turn has a price.
    """

    turns: int
    agents: int
    cost_usd: float | None
    unpriced: int
    tools: int
    complete: bool


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
