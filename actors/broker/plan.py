"""What one commit does: the requests that gathered, worked out against the inboxes in memory. Pure.

A plan is made while no commit is under way, so memory and database agree when it begins. It moves ids in
memory at once and notes the same moves for the database; when the commit fails, memory is read
from the database again. Nobody is answered before.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from actors.broker.addressing import Addressee
from actors.broker.inbox import Entry, Inbox
from actors.broker.messages import Post
from actors.broker.queries import Row
from actors.supervision import Promise
from harness.wire.agent_api import RecvReply
from harness.wire.framing import MAX_FRAME_BYTES
from harness.wire.names import OPERATOR

REPLY_BYTES = MAX_FRAME_BYTES - 64 * 1024
"""What the messages of one reply may take together; the rest of the frame is for its envelope."""

ENVELOPE_BYTES = 512
"""What a message takes on the wire besides its body, at most."""

LEASED_AT = -1
"""The column of a new row that a plan may still set."""


def wire_size(body: str) -> int:
    """Bytes of a message in a reply: JSON spells a control character in six."""
    return len(json.dumps(body, ensure_ascii=False).encode()) + ENVELOPE_BYTES


class Move(StrEnum):
    """What can happen to a message that is there."""

    LEASE = "lease"
    RETURN = "return"
    ACK = "ack"


@dataclass(slots=True, eq=False)
class Wait:
    """One client that asked for mail. `promise` gets its RecvReply; `gone` when it does not want it any more."""

    name: str
    batch: int
    promise: Promise[RecvReply]
    ticket: int = 0
    parked: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """Messages leased for one wait, and how many are left."""

    wait: Wait
    ids: list[int]
    remaining: int


@dataclass(slots=True)
class Mailroom:
    """The broker's memory: every inbox, who waits, and the next id to give out."""

    next_id: int = 1
    inboxes: dict[str, Inbox] = field(default_factory=dict)
    waits: dict[str, deque[Wait]] = field(default_factory=dict)
    draining: bool = False
    """The hive is closing: nothing is leased any more."""

    def inbox(self, name: str) -> Inbox:
        """The inbox of `name`; an empty one when there has been no mail."""
        found = self.inboxes.get(name)
        if found is None:
            found = self.inboxes[name] = Inbox()
        return found


@dataclass(slots=True)
class Plan:
    """Build it request by request, in the order they came; then `serve`, and commit what it holds."""

    room: Mailroom
    now_ms: int
    rows: list[list[Any]] = field(default_factory=list)
    """New messages, columns as in `queries.Row`."""
    moves: list[tuple[Move, list[int]]] = field(default_factory=list)
    """Changes to messages, in order, runs of a kind together."""
    acked: list[tuple[str, list[int]]] = field(default_factory=list)
    given_back: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    replies: list[tuple[Any, Any]] = field(default_factory=list)
    """(promise, value), kept once all is on disk."""
    enrolled: list[Addressee | str] = field(default_factory=list)
    """Addressees to add, and names to drop, in order."""
    also: Callable[[Any], None] | None = None
    _first_id: int = 0
    _touched: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._first_id = self.room.next_id

    def deposit(self, posts: Sequence[Post]) -> list[int]:
        """New messages; their ids. Mail to the operator is shown, not leased: it has no inbox."""
        ids = []
        for post in posts:
            id_ = self.room.next_id
            self.room.next_id += 1
            ids.append(id_)
            size = wire_size(post.body)
            self.rows.append(
                [
                    id_,
                    post.sender,
                    post.to,
                    size,
                    post.body,
                    post.kind.value,
                    self.now_ms,
                    post.in_reply_to,
                    int(post.broadcast),
                    None,
                ]
            )
            if post.to != OPERATOR:
                self.room.inbox(post.to).offer(Entry(id_, self.now_ms, size))
                self._touched[post.to] = None
        return ids

    def ask(self, wait: Wait) -> None:
        """Lease for this client what is there; a parked one waits on when nothing is."""
        self._serve(wait.name)  # those who waited before come first
        if wait.gone:
            return
        if not wait.parked or (self.room.inbox(wait.name).pending and not self.room.draining):
            self._deliver(wait)
        else:
            self.room.waits.setdefault(wait.name, deque()).append(wait)

    def acknowledge(self, name: str) -> int:
        """All that `name` leased is done; how many."""
        ids = self.room.inbox(name).acknowledge()
        self._note(Move.ACK, ids)
        if ids:
            self.acked.append((name, ids))
        return len(ids)

    def take_back_all(self, name: str, keep: frozenset[int]) -> int:
        """All that is leased but for `keep` is offered again; how many."""
        return len(self._returned(name, self.room.inbox(name).take_back_all(keep)))

    def give_back(self, name: str, ids: Iterable[int] | None) -> None:
        """These (None: all that is leased) are offered again. Nobody waits for it, so it is noted for another try."""
        inbox = self.room.inbox(name)
        back = self._returned(name, inbox.take_back_all() if ids is None else inbox.take_back(ids))
        self.given_back.append((name, tuple(back)))

    def serve(self, names: Iterable[str] = ()) -> None:
        """Give what has come to those who wait for it; `names` are looked at besides those of this plan."""
        for name in (*self._touched, *names):
            self._serve(name)

    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.rows or self.moves or self.enrolled or self.also)

    def is_untouched(self) -> bool:
        """Whether no request is part of it yet."""
        return self.is_empty() and not (self.replies or self.deliveries)

    def are_new(self, ids: Iterable[int]) -> bool:
        """Whether all of these messages come with this very plan."""
        return all(id_ >= self._first_id for id_ in ids)

    def frozen_rows(self) -> list[Row]:
        """The new messages as they go to the database."""
        return [tuple(row) for row in self.rows]

    def _serve(self, name: str) -> None:
        waits = self.room.waits.get(name)
        while waits and self.room.inbox(name).pending and not self.room.draining:
            self._deliver(waits.popleft())

    def _deliver(self, wait: Wait) -> None:
        inbox = self.room.inbox(wait.name)
        ids = [] if self.room.draining else inbox.lease(wait.batch, REPLY_BYTES, self.now_ms)
        for id_ in ids:
            if id_ >= self._first_id and self.rows[id_ - self._first_id][LEASED_AT] is None:
                self.rows[id_ - self._first_id][LEASED_AT] = self.now_ms  # born leased: one statement instead of two
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
