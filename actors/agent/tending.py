"""What is to be done about the actors of one agent, from what is wanted, what is there and what was last seen. Pure."""

from enum import StrEnum

from actors.agent.standing import Desired, Record, Seen
from actors.agent.state import RUNS, AgentState
from actors.supervision import ChildState

PARKED = "parked:"
"""How the note of one begins that its supervisor has given up on."""

NOT_STARTED = "did not start:"
"""How the note of one begins whose actors or whose container did not start."""


class Step(StrEnum):
    """The closed set of what can be done."""

    LEAVE = "leave"
    """Its supervisor is at it, or it is down for a reason that another try does not mend."""
    WATCH = "watch"
    """Its actors are up: be told of their end, and have them say how things are."""
    RUN = "run"
    """Watch, and have its container started: it is wanted, and its actor rests."""
    HALT = "halt"
    """Watch, and have its container ended: it is not wanted."""
    PARK = "park"
    """Its supervisor gave up on it in this life of the daemon."""
    BRING_UP = "bring_up"
    """Start its actors; where its container runs they take it over."""


def step(
    record: Record, seen: Seen | None, child: ChildState | None, *, hopeless: bool = False, runs: bool = False
) -> Step:
    """`child` is what the supervisor of all agents knows of it; None: nothing.

    `hopeless`: its last start failed for a reason that another try does not mend. `runs`: its container is there.
    """
    if child is ChildState.RESTARTING:
        return Step.LEAVE
    wanted = record.desired is Desired.RUNNING
    if child is ChildState.UP:
        if not is_off(record, seen):
            return Step.WATCH
        return Step.RUN if wanted else Step.HALT
    if not wanted:
        return Step.BRING_UP if runs or seen is None else Step.LEAVE
    if child is ChildState.DOWN and (record.note or "").startswith(PARKED):
        return Step.PARK
    return Step.LEAVE if hopeless else Step.BRING_UP


def is_off(record: Record, seen: Seen | None) -> bool:
    """Whether an agent whose actors are up is not as it is wanted, with nobody at work on it."""
    if seen is None:
        return False
    if record.desired is Desired.STOPPED:
        return seen.state in RUNS
    return seen.state is AgentState.STOPPED or (seen.state is AgentState.FAILED and seen.passing)


def is_over(record: Record, seen: Seen) -> bool:
    """Whether the row's note tells of a failure that a container which runs now has put an end to."""
    return seen.state in RUNS and (record.note or "").startswith((PARKED, NOT_STARTED))
