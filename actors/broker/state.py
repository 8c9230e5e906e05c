"""The broker's memory: every inbox, the clients that wait for mail, and the next id to give out. Pure."""

from collections import deque
from dataclasses import dataclass, field

from actors.broker.failed.failure import Failure
from actors.broker.inbox import Entry, Inbox
from actors.broker.messages import Counts
from actors.supervision import Promise
from harness.wire.agent_api import RecvReply, StatusReply
from harness.wire.errors import not_found


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
    failures: dict[int, Failure] = field(default_factory=dict)
    """The failed tries of messages, by id: of those to be tried again, and of the dead letters."""
    dead: dict[int, Entry] = field(default_factory=dict)
    """The dead letters, by id."""
    draining: bool = False
    """The hive is closing: nothing is leased any more."""
    waits_since: dict[str, int] = field(default_factory=dict)
    """By name: running time since which there is mail of which nothing was acknowledged. Of no meaning without mail."""
    unsettled: dict[str, list[Promise[None]]] = field(default_factory=dict)
    """Who waits until nothing is leased to a name."""

    def inbox(self, name: str) -> Inbox:
        """The inbox of `name`; an empty one before its first mail."""
        found = self.inboxes.get(name)
        if found is None:
            found = self.inboxes[name] = Inbox()
        return found

    def failing(self, name: str) -> Failure | None:
        """The failed tries of the message that `name` tries now; None when its last turn did not fail."""
        tried = (one for id_, one in self.failures.items() if one.recipient == name and id_ not in self.dead)
        return max(tried, key=lambda one: one.failed_ms, default=None)

    def read_back(
        self,
        next_id: int,
        inboxes: dict[str, Inbox],
        failures: dict[int, Failure],
        dead: dict[int, Entry],
        running_ms: int,
    ) -> "BrokerState":
        """What the database says, with the clients that wait here. Mail that was not known waits from now on."""
        since = dict.fromkeys(inboxes, running_ms) | self.waits_since
        return BrokerState(next_id, inboxes, self.waits, failures, dead, self.draining, since, self.unsettled)

    def await_settled(self, name: str, promise: Promise[None]) -> Promise[None]:
        """Keep the promise when nothing is leased to `name`; `settle` looks."""
        self.unsettled.setdefault(name, []).append(promise)
        return promise

    def settle(self) -> None:
        """Keep the promises of those who wait for names to which nothing is leased."""
        for name in [name for name in self.unsettled if not self.inbox(name).leased]:
            for promise in self.unsettled.pop(name):
                promise.set(None)

    def answer_empty(self, wait: Wait) -> bool:
        """Answer with no mail, if no plan holds the wait; whether that was so."""
        waiting = self.waits.get(wait.name, ())
        if wait not in waiting:
            return False
        self.waits[wait.name].remove(wait)
        wait.promise.set(RecvReply(messages=[], remaining=self.inbox(wait.name).pending))
        return True

    def status(self, name: str) -> StatusReply:
        """What waits in the inbox of `name`, and what is leased."""
        inbox = self.inbox(name)
        return StatusReply(pending=inbox.pending, leased=len(inbox.leased))

    def counts(self, name: str, last_asked_ms: int | None) -> Counts:
        """The inbox of `name` in figures."""
        inbox = self.inbox(name)
        return Counts(
            pending=inbox.pending,
            leased=len(inbox.leased),
            oldest_unacked_at=inbox.oldest_sent_at(),
            last_asked_at=last_asked_ms,
            polling=bool(self.waits.get(name)),
            leased_at=inbox.leased_at if inbox.leased else None,
            failing=self.failing(name),
            dead=sum(self.failures[id_].recipient == name for id_ in self.dead),
            waits_since=self.waits_since.get(name) if inbox.is_unacknowledged else None,
        )

    def forget(self, name: str) -> None:
        """The owner of the name has ended: nothing of its mail is left, and its clients wait for nothing."""
        self.inboxes.pop(name, None)
        self.waits_since.pop(name, None)
        for id_ in [id_ for id_, one in self.failures.items() if one.recipient == name]:
            del self.failures[id_]
            self.dead.pop(id_, None)
        for wait in tuple(self.waits.pop(name, ())):
            wait.promise.set(RecvReply(messages=[], remaining=0))

    def check_dead(self, id_: int) -> None:
        """Refuse an id that is no dead letter's."""
        if id_ not in self.dead:
            raise not_found(f"dead letter {id_}", "`hive dead list` shows them")

    def waits_of(self, name: str) -> deque[Wait]:
        """The long polls of `name`, to add to."""
        return self.waits.setdefault(name, deque())


@dataclass(slots=True)
class LastAsked:
    """When the client of each name asked for mail last, and who waits for its next request."""

    at: dict[str, int] = field(default_factory=dict)
    """Running time in milliseconds, by name; since this broker started."""
    awaited: dict[str, list[Promise[None]]] = field(default_factory=dict)

    def note(self, name: str, running_ms: int) -> None:
        """The client of `name` asks for mail."""
        self.at[name] = running_ms
        for promise in self.awaited.pop(name, ()):
            promise.set(None)

    def next(self, name: str, promise: Promise[None]) -> Promise[None]:
        """Keep the promise when the client of `name` asks next."""
        self.awaited.setdefault(name, []).append(promise)
        return promise
