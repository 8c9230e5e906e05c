"""What the supervision system tells an actor."""

from dataclasses import dataclass

from actors.supervision.exits import Exit


class SystemMessage:
    """Base of the messages that overtake ordinary ones: stop, supervision, ends of others."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Stop(SystemMessage):
    """End in order, after the message that is being handled, with this exit."""

    exit: Exit


@dataclass(frozen=True, slots=True)
class DrainThenStop:
    """End in order, with this exit, after every message that came before; it overtakes nothing."""

    exit: Exit


@dataclass(frozen=True, slots=True)
class Down(SystemMessage):
    """To a watcher: `name` ended. Sent once per watch; a watcher that wants the next end calls `monitor` again."""

    name: str
    exit: Exit
