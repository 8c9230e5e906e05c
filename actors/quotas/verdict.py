"""What a measurement means for an agent: nothing, a warning, a pause, or the end of one. Pure."""

from dataclasses import dataclass
from enum import Enum, IntEnum, auto

from actors.quotas.usage import MAX_ENTRIES, Usage
from harness.wire import sizes

WARN_SHARE = 0.8
BLURRED_TURNS = 3
"""After so many turns in a row at whose ends the folders could not be measured, the agent is held."""
REASON = "disk quota: "
"""With these words the reason of a pause begins that is this component's."""
FULL = "disk full: "
"""And that of one because the disk as a whole is full."""


class Level(IntEnum):
    """How much of its disk an agent has used."""

    FINE = 0
    HIGH = 1
    OVER = 2


class Action(Enum):
    """What is done now."""

    NOTHING = auto()
    WARN = auto()
    PAUSE = auto()
    RESUME = auto()


@dataclass(frozen=True, slots=True)
class Seen:
    """What was known of an agent before: its level, and how many of its turns in a row ended unmeasured."""

    level: Level = Level.FINE
    blurred: int = 0


def level(usage: Usage, limit: int) -> Level:
    """More files than are counted are too many, whatever they take."""
    if usage.disk_bytes >= limit or usage.entries >= MAX_ENTRIES:
        return Level.OVER
    return Level.HIGH if usage.disk_bytes >= WARN_SHARE * limit else Level.FINE


def verdict(
    before: Seen, usage: Usage, limit: int, *, paused: bool, reason: str | None, turn_ended: bool
) -> tuple[Action, Seen]:
    """What to do, and what to remember.

    A person who resumes an agent above its limit gives it one turn, in which it can make space: it is paused again at
    the end of that turn, or when it was below its limit and is above it anew.
    """
    now = level(usage, limit)
    blurred = 0 if usage.complete else before.blurred + turn_ended
    seen = Seen(now, blurred)
    if paused:
        ours = reason is not None and reason.startswith(REASON)
        return (Action.RESUME if ours and now is Level.FINE and usage.complete else Action.NOTHING), seen
    if blurred >= BLURRED_TURNS or (now is Level.OVER and (turn_ended or before.level < Level.OVER)):
        return Action.PAUSE, Seen(now)
    return (Action.WARN if now > before.level else Action.NOTHING), seen


def why(usage: Usage, limit: int, agent: str) -> str:
    """The reason of a pause, for the operator."""
    if usage.entries >= MAX_ENTRIES:
        used = f"more than {MAX_ENTRIES:,} files and folders"
    elif usage.disk_bytes >= limit:
        mail = f", of which mail it has sent {sizes.words(usage.mail_bytes)}" if usage.mail_bytes > limit // 10 else ""
        used = f"{sizes.words(usage.disk_bytes)} of {sizes.words(limit)}{mail}"
    else:
        used = "its folders change faster than they can be measured"
    return (
        f"{REASON}{used}; free space in its folders, or `hive resume {agent}` lets it do that in one turn, or raise"
        " limits.disk"
    )


def warning(usage: Usage, limit: int) -> str:
    """What the agent is told at 80 %."""
    return (
        f"You have used {sizes.words(usage.disk_bytes)} of the {sizes.words(limit)} of disk that your folders and the"
        " mail you send may take. At the limit you are paused. Delete what you do not need."
    )
