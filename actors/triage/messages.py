"""The messages of the triage."""

from dataclasses import dataclass

TRIAGE = "triage"


@dataclass(frozen=True, slots=True)
class Snooze:
    """Put an item off: until this moment (ms UTC), or, with None, until it changes. `mark` tells its present state."""

    key: str
    mark: str
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Wake:
    """Show an item again; HiveError `not_found` when it is not put off."""

    key: str


@dataclass(frozen=True, slots=True)
class GetSnoozes:
    """→ dict of `Snooze` by key: those whose moment has not come."""


@dataclass(frozen=True, slots=True)
class AnsweredNeed:
    """An item that the operator has decided with a verb. Times are ms UTC."""

    key: str
    kind: str
    agent: str
    verb: str
    needed_ms: int
    decided_ms: int


@dataclass(frozen=True, slots=True)
class Answered:
    """Note the decisions. Not answered."""

    needs: tuple[AnsweredNeed, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """To itself: the moment of an item that was put off may have come."""
