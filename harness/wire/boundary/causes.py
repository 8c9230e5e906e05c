"""How a row names what caused it: `message:12`, `turn:alice/5`, `question:2`, `reminder:4`, `approval:3`. Pure.

The hive writes these names; no request carries one. A turn has a number of its own within its agent. Below them stand
the rows of a tree of causes.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from harness.wire.errors import bad_request
from harness.wire.model import Record
from harness.wire.names import broker_name
from harness.wire.times import Timestamp


class CauseKind(StrEnum):
    """What can be a cause."""

    MESSAGE = "message"
    TURN = "turn"
    QUESTION = "question"
    REMINDER = "reminder"
    APPROVAL = "approval"


_SHAPE = re.compile(r"(message|question|reminder|approval):([0-9]{1,18})|turn:([a-z][a-z0-9-]*)/([0-9]{1,18})")


@dataclass(frozen=True, slots=True, order=True)
class CauseName:
    """The name of a cause, taken apart. `agent` is the broker's name, of a turn only."""

    kind: CauseKind
    number: int
    agent: str = ""

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.agent}/{self.number}" if self.agent else f"{self.kind.value}:{self.number}"


def turn_name(agent: str, number: int) -> str:
    """The name of a turn as a cause."""
    return f"{CauseKind.TURN.value}:{broker_name(agent)}/{number}"


def known(text: str | None) -> str | None:
    """A stored name; None for one that this version does not know, and where nothing is known of the cause."""
    return text if text is not None and _SHAPE.fullmatch(text) else None


def parse(text: str) -> CauseName:
    """Take a name apart. `bad_request` for one that is none."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise bad_request(
            f"{text[:80]!r} names nothing that has a cause",
            "write message:12, turn:alice/5, approval:3, question:2 or reminder:4",
        )
    kind, number, agent, turn = found.groups()
    if kind is None:
        return CauseName(CauseKind.TURN, int(turn), broker_name(agent))
    return CauseName(CauseKind(kind), int(number))


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

    `status` is the outcome of a turn (or `running`, `cut off`), the state of a question, reminder or approval, the kind
    of a message. `again`: it stands in the tree before, with all that follows. `more`: so much that follows is not
    shown.
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
