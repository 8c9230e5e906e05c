"""The messages that the broker takes. Each docstring names the reply after →."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from actors.broker.failed.failure import Failure
from harness.wire.agent_api import MessageKind

ExtraWrite = Callable[[sqlite3.Connection], None]
"""A poster's own part of the transaction that stores its mail: the fact that the mail tells of."""


class Role(StrEnum):
    """What an addressee is."""

    MANAGER = "manager"
    AGENT = "agent"
    PEER = "peer"


@dataclass(frozen=True, slots=True)
class Post:
    """One message to file. `to` is a resolved broker name; `in_reply_to` is dropped when it does not stand."""

    sender: str
    to: str
    body: str
    kind: MessageKind = MessageKind.MESSAGE
    in_reply_to: int | None = None
    broadcast: bool = False
    cause: str | None = None
    """What it is a consequence of, by its name (`harness.wire.boundary.causes`)."""


@dataclass(frozen=True, slots=True)
class Send:
    """A message from `sender` under its policy. → SendReply, once it is on disk."""

    sender: str
    to: str
    body: str
    in_reply_to: int | None = None
    kind: MessageKind = MessageKind.MESSAGE
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class MayWrite:
    """Whether `sender` may write to `to`. → None, or the refusal that a `Send` would get."""

    sender: str
    to: str


@dataclass(frozen=True, slots=True)
class Wake:
    """A message into one's own inbox that shows `from_` as its sender. → its id, once it is on disk."""

    name: str
    from_: str
    body: str


@dataclass(frozen=True, slots=True)
class PostAll:
    """Messages of the hive itself, with `extra_write` in the same transaction. → their ids, once they are on disk."""

    posts: tuple[Post, ...]
    extra_write: ExtraWrite | None = None


@dataclass(frozen=True, slots=True)
class Recv:
    """Lease the mail that is there. → RecvReply."""

    name: str
    max: int = 1


@dataclass(frozen=True, slots=True)
class LongPoll:
    """Lease the mail that is there, or the first that comes within `wait_seconds`. → RecvReply, perhaps empty."""

    name: str
    wait_seconds: float
    max: int
    ticket: int


@dataclass(frozen=True, slots=True)
class CancelLongPoll:
    """The client of that `LongPoll` is gone; what was leased for it meanwhile is offered again."""

    name: str
    ticket: int


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Offer these (None: all that is leased) again: a reply could not be written, or a container ended.

    `failure`: the container ended in the middle of the turn for this reason, which counts as a failed try.
    Told, not asked; the broker tries until the move is on disk.
    """

    name: str
    ids: tuple[int, ...] | None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class FailTurn:
    """The turn on all that `name` has leased failed. → FailReply, once it is on disk."""

    name: str
    reason: str
    outage: bool


@dataclass(frozen=True, slots=True)
class Revive:
    """Offer this dead letter to its recipient again. → None, once it is on disk."""

    id: int


@dataclass(frozen=True, slots=True)
class Drop:
    """Give this dead letter up. → None, once it is on disk."""

    id: int


@dataclass(frozen=True, slots=True)
class AckTurn:
    """All that `name` has leased is done. → how many, once it is on disk."""

    name: str


@dataclass(frozen=True, slots=True)
class RequeueInflight:
    """Offer again all that `name` has leased, but for `keep`. → how many, once it is on disk."""

    name: str
    keep: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class AwaitRecv:
    """→ None, as soon as the client of `name` waits for mail, or has asked at `since_ms` (running time) or later."""

    name: str
    since_ms: int


@dataclass(frozen=True, slots=True)
class AwaitSettled:
    """→ None, as soon as nothing is leased to `name`: the turn was acknowledged, or its messages are offered again."""

    name: str


@dataclass(frozen=True, slots=True)
class Drain:
    """The hive is closing: nothing is leased any more. Long polls end empty; everything else goes on."""


@dataclass(frozen=True, slots=True)
class Status:
    """→ StatusReply."""

    name: str


@dataclass(frozen=True, slots=True)
class GetCounts:
    """→ dict of name → Counts, for every addressee and every name with mail."""


@dataclass(frozen=True, slots=True)
class Counts:
    """One inbox in figures. Times are milliseconds, UTC or running time as said; None where there is none."""

    pending: int
    leased: int
    oldest_unacked_at: int | None
    """UTC."""
    last_asked_at: int | None
    """Running time at which its client last asked for mail, since this broker started."""
    polling: bool
    """A client waits for mail right now, in a long poll."""
    leased_at: int | None = None
    """UTC; when the latest of the leased messages was leased."""
    failing: Failure | None = None
    """The failed tries of the message that is tried now."""
    dead: int = 0
    """Dead letters, which are not pending."""
    waits_since: int | None = None
    """Running time since which unacknowledged mail is there without a message of it being acknowledged."""


@dataclass(frozen=True, slots=True)
class Register:
    """`name` can be addressed from now on, under this policy. → None, once it is on disk."""

    name: str
    role: Role
    allowed_recipients: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Unregister:
    """`name` can no longer be addressed; its mail is kept. → None, once it is on disk."""

    name: str


@dataclass(frozen=True, slots=True)
class BeginGeneration:
    """`name` has a new owner, who finds none of the mail of the one before. → None, once it is on disk."""

    name: str


@dataclass(frozen=True, slots=True)
class EndGeneration:
    """The owner of `name` is no more: what it did not get stays undelivered. → None, once it is on disk."""

    name: str


@dataclass(frozen=True, slots=True)
class Flush:
    """To itself: commit what has gathered."""


@dataclass(frozen=True, slots=True)
class Reload:
    """To itself: read the unacked mail from the database again."""


@dataclass(frozen=True, slots=True)
class LongPollEnded:
    """To itself: the time of this long poll is over."""

    name: str
    ticket: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """To itself: drop mail past its keep-window, from the first id above `after` on."""

    after: int = 0
