"""The broker's memory: every inbox, the clients that wait for mail, and the next id to give out. Pure."""

from collections import deque
from dataclasses import dataclass, field

from actors.broker.inbox import Inbox
from actors.supervision import Promise
from harness.wire.agent_api import RecvReply


@dataclass(slots=True, eq=False)
class Wait:
    """A client's request for mail. `promise` gets its RecvReply."""

    name: str
    batch: int
    promise: Promise[RecvReply]
    long_poll: bool = False
    """With no mail there, the request waits for some."""
    gone: bool = False
    """The client is gone: nothing may be consumed for it."""


@dataclass(slots=True)
class BrokerState:
    """What the database says, and what a restart forgets: the clients that wait."""

    next_id: int = 1
    inboxes: dict[str, Inbox] = field(default_factory=dict)
    waits: dict[str, deque[Wait]] = field(default_factory=dict)
    """Long polls by name, first come first."""
    draining: bool = False
    """The hive is closing: nothing is leased any more."""

    def inbox(self, name: str) -> Inbox:
        """The inbox of `name`; an empty one before its first mail."""
        found = self.inboxes.get(name)
        if found is None:
            found = self.inboxes[name] = Inbox()
        return found

    def waits_of(self, name: str) -> deque[Wait]:
        """The long polls of `name`, to add to."""
        return self.waits.setdefault(name, deque())
