"""What the supervision system says to an actor; all of it overtakes ordinary messages."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actors.supervision.exits import Exit
from actors.supervision.mailbox import SystemMessage

if TYPE_CHECKING:
    from actors.supervision.actor import Actor


@dataclass(frozen=True, slots=True)
class Stop(SystemMessage):
    """End in order, after the message that is being handled, with this exit."""

    exit: Exit


@dataclass(frozen=True, slots=True)
class LastStop:
    """The same for an actor that drains: it overtakes nothing, what came before is handled first."""

    exit: Exit


@dataclass(frozen=True, slots=True)
class Down(SystemMessage):
    """To a watcher: `name` ended. Sent once per watch; after a restart the watcher watches anew."""

    name: str
    exit: Exit


@dataclass(frozen=True, slots=True)
class ChildEnded(SystemMessage):
    """To a supervisor: this incarnation of a child ended. A stale one matches no child and is ignored."""

    actor: "Actor"
    exit: Exit
