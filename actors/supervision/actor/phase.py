"""The phases of one actor's life and which may follow which."""

from collections.abc import Mapping
from enum import StrEnum


class Phase(StrEnum):
    """Where an actor is in its only life; a restart makes another actor."""

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
    """The actor loop asked for a phase that cannot follow the present one: a bug in the loop."""

    def __init__(self, old: Phase, new: Phase) -> None:
        super().__init__(f"{new.value} cannot follow {old.value}")
        self.old = old
        self.new = new


def advance(old: Phase, new: Phase) -> Phase:
    """`new`, when the table allows it. Raises `IllegalTransition`."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransition(old, new)
    return new
