"""The interface of the broker. Every function takes the directory first; `docs/broker.md` says what is promised.

Names may be written either way (`hm1nd` is `manager`). Errors: `not_found` (unknown recipient, with a suggestion),
`forbidden` (policy), `too_large` (body over `MAX_BODY_BYTES`), `unavailable` (the database cannot be written just now;
nothing was stored).
"""

import itertools
from collections.abc import Sequence

from actors.broker import generations, queries
from actors.broker.failed import table as failures
from actors.broker.messages import (
    AckTurn,
    AwaitRecv,
    AwaitSettled,
    BeginGeneration,
    CancelLongPoll,
    Counts,
    Drop,
    EndGeneration,
    ExtraWrite,
    FailTurn,
    GetCounts,
    GiveBack,
    LongPoll,
    MayWrite,
    Post,
    PostAll,
    Recv,
    Register,
    RequeueInflight,
    Revive,
    Role,
    Send,
    Status,
    Unregister,
    Wake,
)
from actors.broker.pages import messages as pages
from actors.broker.pages import operator_mail
from actors.events import emit
from actors.store import api as store
from actors.supervision import AskTimeout, Directory, Promise, SupervisionError
from harness.wire.agent_api import MAX_WAIT_SECONDS, FailReply, Message, MessageKind, RecvReply, SendReply, StatusReply
from harness.wire.errors import HiveError
from harness.wire.limits import DEFAULT_RECENT, DEFAULT_ROWS
from harness.wire.names import broker_name
from harness.wire.operator_rows import DeadLetter

__all__ = ["Counts", "Post", "Role", "Waiter"]

BROKER = "broker"
ASK_SECONDS = 30.0
"""Longer than any disk stall that is not a failure. After it the outcome of a write is not known."""

LOOK_SECONDS = 2.0
"""For a figure that its reader can do without."""

_tickets = itertools.count(1)


class Waiter:
    """A `recv` that waits for mail. One greenlet waits; any other may cancel, also from a watcher's callback."""

    def __init__(self, directory: Directory, name: str, wait_seconds: float, batch: int) -> None:
        self._directory = directory
        self._name = broker_name(name)
        self._wait_seconds = min(wait_seconds, MAX_WAIT_SECONDS)
        self._ticket = next(_tickets)
        self._cancelled = False
        self._promise: Promise[RecvReply] = directory.ask_later(
            BROKER, LongPoll(self._name, self._wait_seconds, batch, self._ticket)
        )

    def wait(self) -> RecvReply:
        """The leased messages; empty when the time is over or the wait was cancelled."""
        seconds = self._wait_seconds + ASK_SECONDS
        if not self._promise.wait(seconds):
            self.cancel()
            raise AskTimeout(BROKER, seconds)
        reply = self._promise.get()
        if self._cancelled and reply.messages:
            give_back(self._directory, self._name, [message.id for message in reply.messages])
            return RecvReply(messages=[], remaining=reply.remaining)
        return reply

    def cancel(self) -> None:
        """The client is gone: nothing is consumed for it, not even mail that is being leased at this moment."""
        self._cancelled = True
        self._directory.tell(BROKER, CancelLongPoll(self._name, self._ticket))


def send(
    directory: Directory,
    *,
    sender: str,
    to: str,
    body: str,
    in_reply_to: int | None = None,
    kind: MessageKind = MessageKind.MESSAGE,
    cause: str | None = None,
) -> SendReply:
    """Send under the sender's policy; returns when every row is on disk. `to` may be `self` or `*`.

    `cause` is the sender's turn, by its name.
    """
    message = Send(broker_name(sender), broker_name(to), body, in_reply_to, kind, cause)
    reply: SendReply = directory.ask(BROKER, message, timeout=ASK_SECONDS)
    return reply


def check_address(directory: Directory, *, sender: str, to: str) -> None:
    """Raise what `send` would raise for this address; for components that write on behalf of a sender."""
    directory.ask(BROKER, MayWrite(broker_name(sender), broker_name(to)), timeout=ASK_SECONDS)


def wake(directory: Directory, *, name: str, from_: str, body: str) -> int:
    """Put a message into `name`'s own inbox. Its sender shows as `from_`, which cannot be the name of another."""
    reply: int = directory.ask(BROKER, Wake(broker_name(name), from_, body), timeout=ASK_SECONDS)
    return reply


def post(directory: Directory, messages: Sequence[Post], extra_write: ExtraWrite | None = None) -> list[int]:
    """Post messages of the hive (`system`, `reminder`) past every policy, in one transaction with `extra_write`.

    A body over `MAX_BODY_BYTES` is refused here too: no reply could carry it. `extra_write` runs on the writing
    connection first; what it raises stops the whole post and is raised here.
    """
    ids: list[int] = directory.ask(BROKER, PostAll(tuple(messages), extra_write), timeout=ASK_SECONDS)
    return ids


def recv(directory: Directory, *, name: str, max: int = 1) -> RecvReply:  # noqa: A002 — the word of the wire
    """Lease up to `max` messages that are there now; never waits for mail."""
    reply: RecvReply = directory.ask(BROKER, Recv(broker_name(name), max), timeout=ASK_SECONDS)
    return reply


def long_poll(directory: Directory, *, name: str, wait_seconds: float, max: int = 1) -> Waiter:  # noqa: A002
    """Lease the mail that is there, or the first that comes within `wait_seconds`, at most `MAX_WAIT_SECONDS`."""
    return Waiter(directory, name, wait_seconds, max)


def give_back(directory: Directory, name: str, ids: Sequence[int]) -> None:
    """Offer again, marked redelivered, messages whose reply could not be written. Never waits."""
    directory.tell(BROKER, GiveBack(broker_name(name), tuple(ids)))


def ack_turn(directory: Directory, name: str) -> int:
    """Mark all that `name` has leased as done; how many."""
    acked: int = directory.ask(BROKER, AckTurn(broker_name(name)), timeout=ASK_SECONDS)
    return acked


def requeue_inflight(directory: Directory, name: str, keep: Sequence[int] = ()) -> int:
    """Offer again what `name` has leased, except the ids in `keep`; how many. For a harness that boots."""
    message = RequeueInflight(broker_name(name), frozenset(keep))
    requeued: int = directory.ask(BROKER, message, timeout=ASK_SECONDS)
    return requeued


def requeue_later(directory: Directory, name: str, failure: str | None = None) -> None:
    """`requeue_inflight` for actors that must not wait, such as one whose container has just ended.

    `failure`: why it ended in the middle of a turn; the messages have failed once more.
    """
    directory.tell(BROKER, GiveBack(broker_name(name), None, failure))


def fail_turn(directory: Directory, name: str, *, reason: str, outage: bool) -> FailReply:
    """The turn on what `name` has leased failed; what has failed too often is set aside."""
    reply: FailReply = directory.ask(BROKER, FailTurn(broker_name(name), reason, outage), timeout=ASK_SECONDS)
    return reply


def dead_letters(directory: Directory, *, limit: int = DEFAULT_ROWS, before: int | None = None) -> list[DeadLetter]:
    """What was set aside, newest last; `before` is an id to page back from."""
    return store.read(directory, failures.dead_letters(limit, before))


def revive(directory: Directory, id_: int) -> None:
    """Offer a dead letter to its recipient again; `not_found` when the id is no dead letter's."""
    directory.ask(BROKER, Revive(id_), timeout=ASK_SECONDS)


def drop(directory: Directory, id_: int) -> None:
    """Give a dead letter up; `not_found` when the id is no dead letter's."""
    directory.ask(BROKER, Drop(id_), timeout=ASK_SECONDS)


def asked_for_mail(directory: Directory, name: str, since_ms: int) -> Promise[None]:
    """Kept as soon as the client of `name` waits for mail, or has asked for it since that running time.

    It has no timeout of its own.
    """
    return directory.ask_later(BROKER, AwaitRecv(broker_name(name), since_ms))


def turn_settled(directory: Directory, name: str) -> Promise[None]:
    """Kept as soon as nothing is leased to `name`: its turn is done or given back. Has no timeout of its own."""
    return directory.ask_later(BROKER, AwaitSettled(broker_name(name)))


def holds_leases(directory: Directory, name: str) -> bool:
    """Whether `name` holds messages that it has not acknowledged; True when the broker does not say."""
    try:
        counts: StatusReply = directory.ask(BROKER, Status(broker_name(name)), timeout=LOOK_SECONDS)
    except (HiveError, SupervisionError):
        return True
    return counts.leased > 0


def lease_holders(directory: Directory) -> frozenset[str] | None:
    """The broker names of all that hold leases; None when the broker does not say in time."""
    try:
        counts: dict[str, Counts] = directory.ask(BROKER, GetCounts(), timeout=LOOK_SECONDS)
    except (HiveError, SupervisionError):
        return None
    return frozenset(name for name, one in counts.items() if one.leased)


def status(directory: Directory, name: str) -> StatusReply:
    """Pending and leased messages of one inbox."""
    reply: StatusReply = directory.ask(BROKER, Status(broker_name(name)), timeout=ASK_SECONDS)
    return reply


def counts(directory: Directory) -> dict[str, Counts]:
    """Every inbox in figures, by broker name; from memory."""
    reply: dict[str, Counts] = directory.ask(BROKER, GetCounts(), timeout=ASK_SECONDS)
    return reply


def sent_bytes(directory: Directory, after: int) -> tuple[dict[str, int], int]:
    """What the present owner of each name has sent above the id `after`, in bytes; and the last id that was counted."""
    return store.read(directory, queries.sent_bytes(after))


def recent(directory: Directory, name: str, limit: int = DEFAULT_RECENT) -> list[Message]:
    """The newest messages to the present owner of a name in any state, oldest first."""
    return store.read(directory, pages.inbox(broker_name(name), limit, None))


def operator_inbox(
    directory: Directory,
    *,
    limit: int = DEFAULT_ROWS,
    before: int | None = None,
    unread: bool = False,
    sender: str | None = None,
) -> operator_mail.Page:
    """Mail to the operator, newest last; `before` is an id to page back from."""
    return store.read(directory, operator_mail.page(limit, before, unread=unread, sender=sender))


def unread_mail(directory: Directory) -> list[tuple[int, Message]]:
    """For each sender of mail that the operator has not read: how much there is, and the newest of it."""
    return store.read(directory, operator_mail.unread)


def mark_read(
    directory: Directory, *, ids: Sequence[int] = (), up_to: int | None = None, sender: str | None = None, now_ms: int
) -> int:
    """Mark mail to the operator as read: these ids, or all up to one; how many were unread. On disk when it returns."""
    marked = store.write(directory, operator_mail.mark(ids, up_to, sender, now_ms)).get(timeout=ASK_SECONDS)
    if marked:
        emit(directory, "mail_read", {})
    return marked


def messages(directory: Directory, *, limit: int = DEFAULT_ROWS, before: int | None = None) -> list[Message]:
    """The whole flow, newest last; `before` is an id to page back from."""
    return store.read(directory, pages.flow(limit, before))


def messages_of(
    directory: Directory, party: str, *, limit: int = DEFAULT_ROWS, before: int | None = None
) -> list[Message]:
    """What this name has sent or was sent, newest last."""
    return store.read(directory, pages.of_party(broker_name(party), limit, before))


def messages_of_the_hive(
    directory: Directory, *, limit: int = DEFAULT_ROWS, before: int | None = None
) -> list[Message]:
    """What the hive itself has written: events, reminders, kicks. Newest last."""
    return store.read(directory, pages.of_the_hive(limit, before))


def undelivered(directory: Directory, *, limit: int = DEFAULT_ROWS, before: int | None = None) -> list[Message]:
    """What its recipient never got: it was purged, removed, or is destroyed and may come back. Newest last."""
    return store.read(directory, pages.never_delivered(limit, before))


def begin_generation(directory: Directory, name: str) -> None:
    """`name` has a new owner, who finds no mail of the one before. What that one did not get is never delivered."""
    directory.ask(BROKER, BeginGeneration(broker_name(name)), timeout=ASK_SECONDS)


def end_generation(directory: Directory, name: str) -> None:
    """The owner of `name` is no more. What it did not get is never delivered and stays in the flow."""
    directory.ask(BROKER, EndGeneration(broker_name(name)), timeout=ASK_SECONDS)


def is_over(directory: Directory, name: str) -> bool:
    """Whether the last owner of `name` has ended."""
    return store.read(directory, generations.is_over(broker_name(name)))


def register(
    directory: Directory, *, name: str, role: Role | str, allowed_recipients: Sequence[str] | None = None
) -> None:
    """Make `name` an address. `allowed_recipients` None: it may write to everybody.

    The address survives restarts of the broker and of the daemon; registering again replaces role and policy.
    """
    allowed = None if allowed_recipients is None else tuple(broker_name(one) for one in allowed_recipients)
    directory.ask(BROKER, Register(broker_name(name), Role(role), allowed), timeout=ASK_SECONDS)


def unregister(directory: Directory, name: str) -> None:
    """Make `name` no address any more. Its mail stays: a revived agent finds it."""
    directory.ask(BROKER, Unregister(broker_name(name)), timeout=ASK_SECONDS)
