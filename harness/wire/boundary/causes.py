"""How a row names what caused it: `message:12`, `turn:alice/5`, `question:2`, `reminder:4`, `approval:3`. Pure.

The hive writes these names; no request carries one. A turn has a number of its own within its agent.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from harness.wire.errors import bad_request
from harness.wire.names import broker_name


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
