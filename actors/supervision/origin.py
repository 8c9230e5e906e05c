"""For whom work is done: the origin of a message goes with it, from mailbox to mailbox.

Owns the origin of each greenlet. The gateway of an outside client sets it while it serves a request; every ordinary
message that is put into a mailbox carries the origin of the greenlet that puts it, and an actor works for the origin of
the message that it handles. So a crash is known to be caused by a request, however many actors lie between.

What carries none: system messages (stops, ends of others), ticks, starts of actors. A callback of a promise runs for
the origin under which it was registered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Origin(Protocol):
    """The outside cause of messages. Supervision knows nothing of it but these two."""

    @property
    def name(self) -> str:
        """Who has caused it, for the log."""

    def crashed(self, actor: str, reason: str) -> None:
        """An actor ended badly over a message of this origin. Called in the ending actor's greenlet; must not block."""


ORIGIN: ContextVar[Origin | None] = ContextVar("origin", default=None)
"""The origin of the present greenlet. A greenlet starts without one, whoever spawns it."""


@contextmanager
def acting_for(origin: Origin | None) -> Iterator[None]:
    """What the block sends is caused by `origin`; None: by nobody outside."""
    before = ORIGIN.get()
    ORIGIN.set(origin)
    try:
        yield
    finally:
        ORIGIN.set(before)
