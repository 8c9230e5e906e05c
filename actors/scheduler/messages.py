"""The messages of the scheduler. Names are broker names; times are milliseconds UTC."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remind:
    """A new reminder for `agent`, at a moment by the clock or after a duration. → the Reminder, once it is on disk."""

    agent: str
    message: str
    due_at: int | None
    delay_ms: int = 0
    """Counts when there is no `due_at`."""
    cause: str | None = None
    """The turn of the agent, by its name."""


@dataclass(frozen=True, slots=True)
class CancelReminder:
    """Remove a pending reminder; `owner` None is the operator, who may remove any. → None, when it is gone."""

    id: int
    owner: str | None


@dataclass(frozen=True, slots=True)
class RetryReminder:
    """Try a reminder again now that failed. → None."""

    id: int


@dataclass(frozen=True, slots=True)
class Abandon:
    """An agent was destroyed or a peer removed: drop its pending reminders."""

    agent: str


@dataclass(frozen=True, slots=True)
class GetCounts:
    """→ dict of agent → number of pending reminders; an agent without any is not in it."""


@dataclass(frozen=True, slots=True)
class Tick:
    """To itself: a reminder may be due."""
