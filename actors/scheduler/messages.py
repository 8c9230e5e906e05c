"""What the scheduler is told. Names are broker names; times are milliseconds UTC."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remind:
    """A new reminder for `agent`. Answered with the stored Reminder, once it is on disk."""

    agent: str
    message: str
    due_at: int


@dataclass(frozen=True, slots=True)
class CancelReminder:
    """Remove a pending reminder; `owner` None is the operator, who may remove any. Answered when it is gone."""

    id: int
    owner: str | None


@dataclass(frozen=True, slots=True)
class RetryReminder:
    """Try a troubled reminder again now."""

    id: int


@dataclass(frozen=True, slots=True)
class Abandon:
    """An agent was destroyed: its pending reminders go."""

    agent: str


@dataclass(frozen=True, slots=True)
class GetCounts:
    """Answered with how many reminders wait, by agent; an agent without any is not in it."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Something may be due."""
