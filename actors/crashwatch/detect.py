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
    OPERATOR = "operator"
    USAGE_LIMIT = "usage_limit"
    LOGIN_LOST = "login_lost"
    CRASH = "crash"
    OUT_OF_MEMORY = "out_of_memory"
    KILLED = "killed"
    START_FAILED = "start_failed"


@dataclass(frozen=True, slots=True)
class Rule:
    """Whether its supervisor starts it again by itself, and whether the manager is told of a crash."""

    restart: bool
    report: bool


RULES: Mapping[ExitClass, Rule] = {
    ExitClass.CLEAN: Rule(restart=True, report=True),
    ExitClass.OPERATOR: Rule(restart=False, report=False),
    ExitClass.USAGE_LIMIT: Rule(restart=False, report=True),
    ExitClass.LOGIN_LOST: Rule(restart=False, report=True),
    ExitClass.CRASH: Rule(restart=True, report=True),
    ExitClass.OUT_OF_MEMORY: Rule(restart=True, report=True),
    ExitClass.KILLED: Rule(restart=True, report=True),
    ExitClass.START_FAILED: Rule(restart=True, report=True),
}
"""A clean end that nobody asked for is restarted and reported like a crash: a harness serves for ever."""


def classify(*, expected: bool, started: bool, exit_status: int | None, out_of_memory: bool) -> ExitClass:
    """The class of an end. `expected` is the verdict of the agent's transition table; `started`: it had come up."""
    if expected:
        return ExitClass.OPERATOR
    if not started:
        return ExitClass.START_FAILED
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
            return "ended by itself with status 0, which nobody had asked for"
        case ExitClass.OPERATOR:
            return "was stopped"
        case ExitClass.USAGE_LIMIT:
            return "ended because its account's usage limit is used up; start it again after the reset"
        case ExitClass.LOGIN_LOST:
            return "ended because its login is no longer accepted; log it in, then start it"
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
