"""The phases of one actor's life and what an onlooker can see of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Phase(StrEnum):
    """Where an actor is in its only life; a restart is another actor."""

    NEW = "new"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    ENDED = "ended"


TRANSITIONS: Mapping[Phase, frozenset[Phase]] = {
    Phase.NEW: frozenset({Phase.STARTING, Phase.ENDED}),
    Phase.STARTING: frozenset({Phase.RUNNING, Phase.STOPPING, Phase.ENDED}),
    Phase.RUNNING: frozenset({Phase.STOPPING, Phase.ENDED}),
    Phase.STOPPING: frozenset({Phase.ENDED}),
    Phase.ENDED: frozenset(),
}


class IllegalTransition(Exception):  # noqa: N818 - reads as what happened
    """A phase was asked for that can not follow: a bug in the actor loop."""

    def __init__(self, old: Phase, new: Phase) -> None:
        super().__init__(f"{new.value} can not follow {old.value}")
        self.old = old
        self.new = new


def advance(old: Phase, new: Phase) -> Phase:
    """`new`, when the table allows it."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(old, new)
    return new


@dataclass(frozen=True, slots=True)
class Vitals:
    """What an actor is doing, read from outside without asking it: it may be stuck."""

    state: str
    mailbox: int
    handled: int
    current: str | None
    busy_seconds: float | None
    oldest_seconds: float | None
    uptime_seconds: float | None
