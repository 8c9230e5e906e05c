"""Mail: what an agent or a peer sends, leases and looks at."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from harness.wire.boundary.values import Seconds
from harness.wire.limits import (
    BODY_LIMIT,
    DEFAULT_RECENT,
    MAX_BATCH,
    MAX_EVENTS,
    MAX_REASON_CHARACTERS,
    MAX_RECENT,
    MAX_WAIT_SECONDS,
)
from harness.wire.model import Record, Reply, Request
from harness.wire.names import BROADCAST, Id, Recipient
from harness.wire.times import Timestamp
from harness.wire.verb import EVERYONE, HARNESS_ONLY, LEASE_OWNERS, MAIL, Rows, ToolText, Verb


class MessageKind(StrEnum):
    """What a message is, apart from who sent it."""

    MESSAGE = "message"
    EVENT = "event"
    REMINDER = "reminder"
    KICK = "kick"


class Message(Record):
    """One row of an inbox. `redelivered` says that an earlier turn may have seen it already.

    `undelivered` says that its recipient was purged or removed before it was done with the message.
    """

    id: int
    from_: str = Field(alias="from")
    to: str
    body: str
    sent_at: Timestamp
    in_reply_to: int | None = None
    broadcast: bool = False
    redelivered: bool = False
    kind: MessageKind = MessageKind.MESSAGE
    attempts: int = 0
    """The tries that failed so far."""
    undelivered: bool = False
    read_at: Timestamp | None = None
    """When the operator marked it as read; null while it is unread, and for mail to others."""
    thread: int | None = None
    """The message at the root of the replies that this one belongs to; null where the reader is not told."""
    cause: str | None = None
    """What made the sender write it (`turn:alice/5`, `reminder:4`); null where that is not known."""


# ---- send ----------------------------------------------------------------------------------------


class Send(Request):
    cmd: Literal["send"] = "send"
    to: Annotated[
        Recipient, Field(description=f"An agent's name, manager, operator, self, or {BROADCAST} for everybody.")
    ]
    body: Annotated[
        str,
        Field(
            description=f"The text, at most {BODY_LIMIT}; put more into a file under the shared directory and send its "
            "path."
        ),
    ]
    in_reply_to: Annotated[Id | None, Field(description="The id of the message you answer.")] = None


class SendReply(Reply):
    """`id` for one recipient; `ids` and `recipients` for a broadcast."""

    id: int | None = None
    ids: list[int] | None = None
    recipients: list[str] | None = None


def tell_sent(reply: SendReply) -> str:
    """The result of `send` as Claude reads it."""
    if reply.recipients is not None:
        return f"sent to {len(reply.recipients)}: {', '.join(reply.recipients)} (ids {reply.ids})"
    return f"sent, id {reply.id}"


SEND = Verb(
    "send",
    Send,
    SendReply,
    MAIL,
    ToolText(
        text=f"Send a message to an agent, the manager, the operator, or everybody ({BROADCAST}). It wakes its "
        "recipient.",
        tell=tell_sent,
    ),
)

# ---- recv, ack_turn, requeue_inflight: the lease ---------------------------------------------------


class Recv(Request):
    """None and 0 mean: look now. A positive wait is a long poll; one over the cap is cut to it."""

    cmd: Literal["recv"] = "recv"
    wait_seconds: Annotated[
        Seconds | None,
        Field(
            description=f"How long to wait for a first message, at most {MAX_WAIT_SECONDS}. Left out or 0: look and "
            "return."
        ),
    ] = None
    max: Annotated[
        int, Field(ge=1, le=MAX_BATCH, description=f"How many messages at most, 1 to {MAX_BATCH}. Default 1.")
    ] = 1


class RecvReply(Reply):
    """`remaining` counts what is still queued and not leased. A client that is `paused` is handed nothing."""

    messages: list[Message]
    remaining: int
    paused: bool = False


RECV = Verb(
    "recv",
    Recv,
    RecvReply,
    MAIL,
    ToolText(
        text="Read your mail. Without wait_seconds it looks and returns at once; with it, it waits for the first "
        "message. What you receive counts as done when this turn ends well."
    ),
)


class AckTurn(Request):
    cmd: Literal["ack_turn"] = "ack_turn"


class AckReply(Reply):
    acked: int


ACK_TURN = Verb(
    "ack_turn",
    AckTurn,
    AckReply,
    LEASE_OWNERS,
    ToolText(
        name="ack",
        text="Say that you are done with everything you have received. What is not acknowledged is offered again, "
        "marked as redelivered, when you next connect.",
    ),
)


class RequeueInflight(Request):
    """Everything this client leased is offered again, but for what it names in `keep`."""

    cmd: Literal["requeue_inflight"] = "requeue_inflight"
    keep: Annotated[list[Id], Field(max_length=MAX_EVENTS)] = []


class RequeueReply(Reply):
    requeued: int


REQUEUE_INFLIGHT = Verb("requeue_inflight", RequeueInflight, RequeueReply, LEASE_OWNERS)


class FailTurn(Request):
    """A turn on everything that is leased failed.

    `outage`: for a reason that no message can have, such as a model that does not answer; such a try is not counted
    against the messages.
    """

    cmd: Literal["fail_turn"] = "fail_turn"
    reason: Annotated[str, Field(max_length=MAX_REASON_CHARACTERS)]
    outage: bool = False


class FailReply(Reply):
    """`attempts`: the most failed tries of a message that is still leased. What is set aside is no longer leased."""

    attempts: int
    set_aside: list[int]


FAIL_TURN = Verb("fail_turn", FailTurn, FailReply, HARNESS_ONLY)

# ---- status, recent ------------------------------------------------------------------------------


class Status(Request):
    cmd: Literal["status"] = "status"


class StatusReply(Reply):
    pending: int
    leased: int


STATUS = Verb(
    "status",
    Status,
    StatusReply,
    MAIL,
    ToolText(text="How much of your mail waits and how much is in your hands."),
)


class Recent(Request):
    cmd: Literal["recent"] = "recent"
    limit: Annotated[
        int,
        Field(ge=1, le=MAX_RECENT, description=f"How many, 1 to {MAX_RECENT}. Default {DEFAULT_RECENT}."),
    ] = DEFAULT_RECENT


class MessagesReply(Reply):
    messages: list[Message]


RECENT = Verb(
    "recent",
    Recent,
    MessagesReply,
    EVERYONE,
    ToolText(text="Your newest messages whatever became of them. Changes nothing."),
)

# ---- wake ----------------------------------------------------------------------------------------


class Wake(Request):
    """A message into one's own inbox, for programs beside the agent; `from` is shown, never trusted."""

    cmd: Literal["wake"] = "wake"
    from_: Annotated[str, Field(alias="from", min_length=1, max_length=64)]
    body: str


class IdReply(Reply):
    id: int


WAKE = Verb("wake", Wake, IdReply, EVERYONE)

VERBS: Rows = (SEND, RECV, ACK_TURN, REQUEUE_INFLIGHT, FAIL_TURN, STATUS, RECENT, WAKE)
