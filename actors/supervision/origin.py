"""For whom work is done: the origin of a message goes with it, from mailbox to mailbox.

Owns the origin of each greenlet. The gateway of an outside client sets it while it serves a request; every ordinary
message that is put into a mailbox carries the origin of the greenlet that puts it, and an actor works for the origin of
the message that it handles. So a crash is known to be caused by a request, however many actors lie between.

What carries none: system messages (stops, ends of others), ticks, starts of actors. A callback of a promise runs for
the origin under which it was registered.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Origin(Protocol):
    """The outside cause of messages. Supervision knows nothing of it but these two."""

    @property
    def name(self) -> str:
        """Who has caused it, for the log."""

    def crashed(self, actor: str, reason: str, *, machine: bool) -> None:
        """An actor ended badly over a message of this origin. Called in the ending actor's greenlet; must not block.

        `machine`: over an error that any message would have met at that moment.
        """


OF_THE_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS}
)
"""No space, no descriptors, no memory, a broken or read-only disk. Other errors can come from a value: a name that is
too long, a path that leads in a circle, a pipe where a file was expected."""


def is_of_the_machine(error: BaseException | None) -> bool:
    """Whether an error says something about the machine, and nothing about the message that met it. Pure."""
    return isinstance(error, OSError) and error.errno in OF_THE_MACHINE


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
