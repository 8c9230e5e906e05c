"""What an onlooker can see of an actor without asking it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vitals:
    """What an actor is doing, read from outside: the actor may be stuck. Durations are by the actor's clock."""

    state: str
    mailbox: int
    """How many messages wait."""
    handled: int
    """How many messages were handled in this life."""
    current: str | None
    """The type of the message that is being handled; None between two messages."""
    busy_seconds: float | None
    """How long the current message has been handled."""
    oldest_seconds: float | None
    """How long the oldest waiting message has waited."""
    uptime_seconds: float | None
    """Since `on_start` returned; None before."""
