"""What the end of a container means: its class, the sentence for it, and what is done. Pure.

A usage limit is no crash, and a lost login is not mended by starting again: each class has its own rule.
"""

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from harness.wire.exit_codes import HarnessExit

SIGNAL_BASE = 128
"""A shell's status of a process that a signal ended is this plus the signal's number."""


class ExitClass(StrEnum):
    """The closed set of ends."""

    CLEAN = "clean"
    USAGE_LIMIT = "usage_limit"
    LOGIN_LOST = "login_lost"
    CRASH = "crash"
    OUT_OF_MEMORY = "out_of_memory"
    KILLED = "killed"
    START_FAILED = "start_failed"


class After(StrEnum):
    """The closed set of what follows an end."""

    RESTART = "restart"
    """The supervisor starts the agent again, with growing pauses, and at last gives up."""
    WAIT = "wait"
    """The agent is started again when its usage limit is over."""
    PARK = "park"
    """The agent stays down until a person starts it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What follows, and whether the manager is told of a crash."""

    after: After
    report: bool


RULES: Mapping[ExitClass, Rule] = {
    ExitClass.CLEAN: Rule(After.RESTART, report=True),
    ExitClass.USAGE_LIMIT: Rule(After.WAIT, report=False),
    ExitClass.LOGIN_LOST: Rule(After.PARK, report=False),
    ExitClass.CRASH: Rule(After.RESTART, report=True),
    ExitClass.OUT_OF_MEMORY: Rule(After.RESTART, report=True),
    ExitClass.KILLED: Rule(After.RESTART, report=True),
    ExitClass.START_FAILED: Rule(After.RESTART, report=True),
}
"""A clean end without an order is restarted and reported like a crash: a harness serves for ever. A used-up limit and a
lost login are no crashes: the row shows the first, and the manager hears of the second as `needs_login`."""


def classify(exit_status: int | None, *, out_of_memory: bool) -> ExitClass:
    """The class of the end of a container that had come up and was not asked to end."""
    if out_of_memory:
        return ExitClass.OUT_OF_MEMORY
    match exit_status:
        case HarnessExit.CLEAN:
            return ExitClass.CLEAN
        case HarnessExit.USAGE_LIMIT:
            return ExitClass.USAGE_LIMIT
        case HarnessExit.LOGIN_LOST:
            return ExitClass.LOGIN_LOST
        case int(status) if status > SIGNAL_BASE:
            return ExitClass.KILLED
    return ExitClass.CRASH


def sentence(kind: ExitClass, exit_status: int | None) -> str:
    """The end in words, for the note of an event and of a row."""
    match kind:
        case ExitClass.CLEAN:
            return "ended by itself with status 0, without having been asked to"
        case ExitClass.USAGE_LIMIT:
            return "ended because its account's usage limit is used up"
        case ExitClass.LOGIN_LOST:
            return "its key or token is no longer accepted: replace it, and the agent starts by itself"
        case ExitClass.OUT_OF_MEMORY:
            return "was killed because it used more memory than its limit"
        case ExitClass.KILLED:
            return f"was killed by {_signal_name(exit_status)}"
        case ExitClass.START_FAILED:
            return "could not be started"
        case ExitClass.CRASH:
            return "crashed, with an unknown status" if exit_status is None else f"crashed with status {exit_status}"


def _signal_name(exit_status: int | None) -> str:
    number = (exit_status or SIGNAL_BASE) - SIGNAL_BASE
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
