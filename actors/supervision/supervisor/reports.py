"""Supervisor reports: one log line for each child that ended badly, did not start, or did not stop.

A line has what OTP's supervisor reports have (supervisor, context, reason, offender), and what happens next:

    child ended supervisor=hive child=broker actor=broker reason="error (ValueError: no)" restarts=1 next="restart now"

`restarts` counts those of this child, the one that follows included. `pid` is there for an OS process, `caused_by`
for a crash over a message from outside. The traceback
stands in the line that the actor itself has logged before.
"""

import json
import logging
from enum import StrEnum

from actors.supervision.exits import Exit
from actors.supervision.supervisor.children import Child

logger = logging.getLogger(__name__)


class Context(StrEnum):
    """What went wrong; in brackets OTP's word."""

    ENDED = "child ended"
    """It ended by itself (child_terminated)."""
    START_FAILED = "child start failed"
    """It did not come up (start_error)."""
    STOP_FAILED = "child stop failed"
    """It was told to stop and ended otherwise (shutdown_error)."""


NEXT_RESTART = "restart now"
NEXT_GIVE_UP = "supervisor gives up"
NEXT_END = "supervisor ends"
NEXT_FAIL = "supervisor does not start"
NEXT_DOWN = "stays down"
NEXT_STOPPED = "counts as stopped"
NEXT_FORGOTTEN = "specification dropped"


def next_restart(pause_seconds: float) -> str:
    """What `next` says of a restart after this pause."""
    return f"restart after {pause_seconds:g} s" if pause_seconds > 0 else NEXT_RESTART


def report(
    context: Context,
    child: Child,
    exit_reason: Exit,
    *,
    supervisor: str,
    actor: str,
    next_step: str,
    pid: int | None = None,
    level: int = logging.WARNING,
) -> None:
    """Log one report. `actor` is the child's name in the directory."""
    if not logger.isEnabledFor(level):
        return
    fields = {"supervisor": supervisor, "child": child.spec.id, "actor": actor}
    if pid is not None:
        fields["pid"] = str(pid)
    if exit_reason.origin is not None:
        fields["caused_by"] = exit_reason.origin.name
    fields |= {"reason": str(exit_reason), "restarts": str(child.restarts), "next": next_step}
    logger.log(level, "%s %s", context.value, " ".join(f"{key}={_quoted(value)}" for key, value in fields.items()))


def _quoted(value: str) -> str:
    """A value that is one word as it is, any other one in quotes and on one line."""
    plain = value.isprintable() and not any(character in ' "=' for character in value)
    return value if plain and value else json.dumps(value, ensure_ascii=False)
