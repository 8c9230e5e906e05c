"""What one commit does: the gathered requests, worked out against the inboxes in memory. Pure.

A plan is made while no commit is under way, so memory and database agree when it begins. The plan moves ids in memory
at once and notes the same moves for the database; after a failed commit the broker reads its memory from the database
again. No request is answered before the commit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from actors.broker.addressing import Addressee
from actors.broker.failed.failure import Failure, after_failure
from actors.broker.failed.posts import failure_posts
from actors.broker.inbox import Entry
from actors.broker.messages import ExtraWrite, Post
from actors.broker.new_message import NewMessage
from actors.broker.origins import Origins
from actors.broker.sizes import REPLY_BYTES, wire_size
from actors.broker.state import BrokerState, Wait
from harness.wire.agent_api import FailReply, RecvReply
from harness.wire.names import OPERATOR


class Move(StrEnum):
    """What can happen to a message that is there."""

    LEASE = "lease"
    RETURN = "return"
    ACK = "ack"
    REVIVE = "revive"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Messages leased for one wait, and how many are left."""

    wait: Wait
    ids: list[int]
    remaining: int


@dataclass(slots=True)
class CommitPlan:
    """Build it request by request, in the order they came; then `serve`, and commit what it holds."""

    state: BrokerState
    now_ms: int
    running_ms: int
    messages: list[NewMessage] = field(default_factory=list)
    """In the order of their ids, without a gap."""
    moves: list[tuple[Move, list[int]]] = field(default_factory=list)
    """Changes to messages, in order, runs of a kind together."""
    acked: list[tuple[str, list[int]]] = field(default_factory=list)
    given_back: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    replies: list[tuple[Any, Any]] = field(default_factory=list)
    """(promise, value), kept once all is on disk."""
    failures: dict[int, Failure | None] = field(default_factory=dict)
    """Failed tries to note, by the id of their message; None: to forget."""
    addressees: list[Addressee | str] = field(default_factory=list)
    """Addressees to add, and names to drop, in order."""
    extra_write: ExtraWrite | None = None
    origins: Origins = field(default_factory=Origins)
    _first_id: int = 0
    _touched: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._first_id = self.state.next_id

    def deposit(self, posts: Sequence[Post]) -> list[int]:
        """New messages; their ids. Mail to the operator is shown, not leased: it has no inbox."""
        state, now_ms, first = self.state, self.now_ms, self.state.next_id
        for id_, post in enumerate(posts, first):
            size = wire_size(post.body)
            self.messages.append(
                NewMessage(
                    id_,
                    post.sender,
                    post.to,
                    size,
                    post.body,
                    post.kind,
                    now_ms,
                    post.in_reply_to,
                    post.broadcast,
                    cause=post.cause,
                )
            )
            if post.to != OPERATOR:
                inbox = state.inbox(post.to)
                if post.to not in self._touched and not inbox.is_unacknowledged:
                    state.waits_since[post.to] = self.running_ms
                inbox.offer(Entry(id_, now_ms, size))
                self._touched[post.to] = None
        state.next_id = first + len(posts)
        return list(range(first, state.next_id))

    def ask(self, wait: Wait) -> None:
        """Lease the mail that is there for this client; without any, a long poll waits on."""
        self._serve(wait.name)  # earlier waits of this name come first
        if wait.gone:
            self.replies.append((wait.promise, RecvReply(messages=[], remaining=self.state.inbox(wait.name).pending)))
            return
        if not wait.long_poll or (self.state.inbox(wait.name).pending and not self.state.draining):
            self._deliver(wait)
        else:
            self.state.waits_of(wait.name).append(wait)

    def acknowledge(self, name: str) -> int:
        """Mark all that `name` has leased as done; how many."""
        ids = self.state.inbox(name).acknowledge()
        self._note(Move.ACK, ids)
        self.state.waits_since[name] = self.running_ms
        if ids:
            self.acked.append((name, ids))
            self._forget(ids)
        return len(ids)

    def fail(self, name: str, senders: Mapping[int, str], *, reason: str, outage: bool) -> FailReply:
        """A turn on all that `name` has leased failed. Messages that were tried often enough are set aside.

        `senders`: of the leased messages, by id; a message without one has not been seen by a client.
        """
        inbox, known = self.state.inbox(name), self.state.failures
        failed: dict[int, Failure] = {}
        for id_ in inbox.leased.keys() & senders.keys():
            one = after_failure(
                known.get(id_),
                recipient=name,
                sender=senders[id_],
                reason=reason,
                outage=outage,
                now_ms=self.now_ms,
            )
            failed[id_] = replace(one, set_aside_ms=self.now_ms) if one.is_last_straw else one
        known |= failed
        self.failures |= failed
        dead = [id_ for id_, one in failed.items() if one.set_aside_ms is not None]
        self.state.dead |= inbox.set_aside(dead)
        self._note(Move.ACK, dead)
        if not outage:  # the count that is told of has not changed
            self.deposit(failure_posts(name, failed))
        attempts = max((failed[id_].counted for id_ in inbox.leased if id_ in failed), default=0)
        return FailReply(attempts=attempts, set_aside=dead)

    def revive(self, id_: int) -> None:
        """Offer a dead letter again, as if it had never been tried."""
        name = self.state.failures[id_].recipient
        self.state.inbox(name).revive(self.state.dead.pop(id_))
        self._note(Move.REVIVE, [id_])
        self._touched[name] = None
        self._forget([id_])

    def drop(self, id_: int) -> None:
        """Give a dead letter up."""
        del self.state.dead[id_]
        self._forget([id_])

    def _forget(self, ids: Iterable[int]) -> None:
        for id_ in ids:
            if self.state.failures.pop(id_, None) is not None:
                self.failures[id_] = None

    def take_back_all(self, name: str, keep: frozenset[int]) -> int:
        """Offer again all that is leased but for `keep`; how many."""
        return len(self._returned(name, self.state.inbox(name).take_back_all(keep)))

    def give_back(self, name: str, ids: Iterable[int] | None) -> None:
        """Offer these (None: all that is leased) again. No caller waits for it, so it is noted for another try."""
        inbox = self.state.inbox(name)
        back = self._returned(name, inbox.take_back_all() if ids is None else inbox.take_back(ids))
        self.given_back.append((name, tuple(back)))

    def serve(self, names: Iterable[str] = ()) -> None:
        """Hand the mail of this plan to the clients that wait for it, and look at the waits of `names` too."""
        for name in (*self._touched, *names):
            self._serve(name)

    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.messages or self.moves or self.failures or self.addressees or self.extra_write)

    def is_untouched(self) -> bool:
        """Whether no request is part of it yet."""
        return self.is_empty() and not (self.replies or self.deliveries)

    def are_new(self, ids: Iterable[int]) -> bool:
        """Whether all of these messages come with this very plan."""
        return all(id_ >= self._first_id for id_ in ids)

    def _serve(self, name: str) -> None:
        waits = self.state.waits.get(name)
        while waits and self.state.inbox(name).pending and not self.state.draining:
            self._deliver(waits.popleft())

    def _deliver(self, wait: Wait) -> None:
        inbox = self.state.inbox(wait.name)
        ids = [] if self.state.draining else inbox.lease(wait.batch, REPLY_BYTES, self.now_ms, self.state.failures)
        for id_ in ids:
            new = self.messages[id_ - self._first_id] if id_ >= self._first_id else None
            if new is not None and new.leased_at is None:
                new.leased_at = self.now_ms  # born leased: one statement instead of two
            else:
                self._note(Move.LEASE, [id_])
        self.deliveries.append(Delivery(wait, ids, inbox.pending))

    def _returned(self, name: str, ids: list[int]) -> list[int]:
        self._note(Move.RETURN, ids)
        self._touched[name] = None
        return ids

    def _note(self, move: Move, ids: list[int]) -> None:
        if not ids:
            return
        if self.moves and self.moves[-1][0] is move:
            self.moves[-1][1].extend(ids)
        else:
            self.moves.append((move, list(ids)))


PlanStep = Callable[[CommitPlan], Any]
"""One request's part of a plan; its value is the reply."""
