"""What an agent, a peer and the manager may ask over their own socket, and what they are answered.

No request names its sender: identity is the socket. The tables at the end are the surfaces; hosts
dispatch by them and the documentation is checked against them.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from .model import Done, Record, Reply, Request
from .names import AgentName, NewName, Recipient
from .times import Timestamp

MAX_BODY_BYTES = 64 * 1024
"""A message body, UTF-8. The host refuses more with `too_large` and the way out."""

MAX_WAIT_SECONDS = 180
MAX_BATCH = 32
MAX_QUESTION_TTL_SECONDS = 21_600

Id = Annotated[int, Field(ge=0, le=2**63 - 1)]
CommitRef = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{7,40}$")]
"""7 to 40 lower-case hex digits: a commit, never a branch or a tag."""


class MessageKind(StrEnum):
    """What a message is, apart from who sent it."""

    MESSAGE = "message"
    EVENT = "event"
    REMINDER = "reminder"
    KICK = "kick"


class Message(Record):
    """One row of somebody's inbox. `redelivered` says that an earlier turn may have seen it already."""

    id: int
    from_: str = Field(alias="from")
    to: str
    body: str
    sent_at: Timestamp
    in_reply_to: int | None = None
    broadcast: bool = False
    redelivered: bool = False
    kind: MessageKind = MessageKind.MESSAGE


class Question(Record):
    """A question as its asker or target sees it; `status` is pending, answered, expired or cancelled."""

    id: int
    asker: str
    target: str
    question: str
    options: list[str]
    multi: bool
    asked_at: Timestamp
    deadline_at: Timestamp | None = None
    status: str = "pending"
    answer: str | None = None
    answerer: str | None = None
    resolved_at: Timestamp | None = None


class Reminder(Record):
    """A reminder as its owner sees it; delivered ones carry `sent_at`, troubled ones `last_error`."""

    id: int
    agent: str
    message: str
    due_at: Timestamp
    created_at: Timestamp
    sent_at: Timestamp | None = None
    attempts: int = 0
    last_error: str | None = None
    file_path: str | None = None


# ---- requests -----------------------------------------------------------------------------------


class Send(Request):
    cmd: Literal["send"] = "send"
    to: Recipient
    body: str
    in_reply_to: Id | None = None


class Recv(Request):
    """None and 0 mean: look now. A positive wait parks up to the cap; larger ones are cut to it."""

    cmd: Literal["recv"] = "recv"
    wait_seconds: Annotated[float, Field(ge=0)] | None = None
    max: Annotated[int, Field(ge=1, le=MAX_BATCH)] = 1


class AckTurn(Request):
    cmd: Literal["ack_turn"] = "ack_turn"


class RequeueInflight(Request):
    """Everything this client leased is offered again, but for what it names in `keep`."""

    cmd: Literal["requeue_inflight"] = "requeue_inflight"
    keep: Annotated[list[Id], Field(max_length=1000)] = []


class Status(Request):
    cmd: Literal["status"] = "status"


class Recent(Request):
    cmd: Literal["recent"] = "recent"
    limit: Annotated[int, Field(ge=1, le=200)] = 30


class Ask(Request):
    cmd: Literal["ask"] = "ask"
    question: Annotated[str, Field(min_length=1)]
    options: list[str] = []
    multi: bool = False
    ttl_seconds: Annotated[int, Field(gt=0)] | None = None
    to: AgentName = "operator"


class Answer(Request):
    cmd: Literal["answer"] = "answer"
    id: Id
    answer: str


class Remind(Request):
    cmd: Literal["remind"] = "remind"
    message: Annotated[str, Field(min_length=1)]
    delay_seconds: Annotated[float, Field(ge=0)] | None = None
    at: Timestamp | None = None

    @model_validator(mode="after")
    def _one_moment(self) -> Self:
        if (self.delay_seconds is None) == (self.at is None):
            raise ValueError("give either delay_seconds or at")
        return self


class LooseEnds(Request):
    cmd: Literal["loose_ends"] = "loose_ends"


class Cancel(Request):
    cmd: Literal["cancel"] = "cancel"
    kind: Literal["question", "reminder"]
    id: Id


class Whoami(Request):
    cmd: Literal["whoami"] = "whoami"


class SetStatus(Request):
    cmd: Literal["set_status"] = "set_status"
    text: Annotated[str, Field(max_length=200)]


class Wake(Request):
    """A message into one's own inbox, for programs beside the agent; `from` is shown, never trusted."""

    cmd: Literal["wake"] = "wake"
    from_: Annotated[str, Field(alias="from", min_length=1, max_length=64)]
    body: str


class Publish(Request):
    cmd: Literal["publish"] = "publish"
    events: Annotated[list[dict[str, Any]], Field(max_length=1000)]


class TurnEnded(Request):
    cmd: Literal["turn_ended"] = "turn_ended"
    stats: dict[str, Any]


class Control(Request):
    """The harness's ear for the operator: parks like `recv` until there is something to do."""

    cmd: Literal["control"] = "control"
    wait_seconds: Annotated[float, Field(ge=0)] | None = None


class RequestSpawn(Request):
    cmd: Literal["request_spawn"] = "request_spawn"
    name: NewName
    description: str | None = None


class RequestSpawnDraft(Request):
    cmd: Literal["request_spawn_draft"] = "request_spawn_draft"
    name: NewName


class RequestSpawnCommit(Request):
    cmd: Literal["request_spawn_commit"] = "request_spawn_commit"
    name: NewName
    commit_ref: CommitRef
    description: str | None = None


class RequestApplyCommit(Request):
    cmd: Literal["request_apply_commit"] = "request_apply_commit"
    agent: AgentName
    commit_ref: CommitRef
    description: str | None = None


class ManagerStart(Request):
    cmd: Literal["start"] = "start"
    name: AgentName


class ManagerKill(Request):
    cmd: Literal["kill"] = "kill"
    name: AgentName


class ManagerRestart(Request):
    cmd: Literal["restart"] = "restart"
    name: AgentName


class ManagerUpdate(Request):
    cmd: Literal["update"] = "update"
    name: AgentName


class GetLogs(Request):
    cmd: Literal["get_logs"] = "get_logs"
    agent: AgentName
    lines: Annotated[int, Field(ge=1, le=5000)] = 200


# ---- replies ------------------------------------------------------------------------------------


class SendReply(Reply):
    """`id` for one recipient; `ids` and `recipients` for a broadcast."""

    id: int | None = None
    ids: list[int] | None = None
    recipients: list[str] | None = None


class RecvReply(Reply):
    """`remaining` counts what is still queued and not leased."""

    messages: list[Message]
    remaining: int


class AckReply(Reply):
    acked: int


class RequeueReply(Reply):
    requeued: int


class StatusReply(Reply):
    pending: int
    leased: int


class MessagesReply(Reply):
    messages: list[Message]


class IdReply(Reply):
    id: int


class RemindReply(Reply):
    id: int
    due_at: Timestamp


class LooseEndsReply(Reply):
    """`approvals` only for the manager, who sees the whole hive."""

    questions: list[Question]
    reminders: list[Reminder]
    approvals: list[dict[str, Any]] | None = None


class WhoamiReply(Reply):
    """Who the socket says you are, and the limits and policy in force."""

    name: str
    role: Literal["manager", "agent", "peer"]
    model: str | None = None
    revision: str | None = None
    limits: dict[str, Any] = {}
    policy: dict[str, Any] = {}
    paused: bool = False
    verbs: list[str] | None = None
    """What this host serves here; a client offers no more. Null: the host does not say."""


class PublishReply(Reply):
    stored: int


class Command(Record):
    """One thing the operator wants of the harness.

    Actions: cancel, compact, new_session, model, login_start, login_code, login_cancel, pause, resume; `value` is the
    model's name or the login code.
    """

    action: str
    value: str | None = None


class ControlReply(Reply):
    """`paused` is the host's word and outlives both programs."""

    commands: list[Command]
    paused: bool


class ApprovalReply(Reply):
    approval_id: int
    sha: str | None = None


class DraftReply(Reply):
    config_path: str
    state_path: str


class LinesReply(Reply):
    lines: list[str]


# ---- the surfaces -------------------------------------------------------------------------------

Verbs = dict[str, tuple[type[Request], type[Reply]]]
"""cmd → (request, good reply)."""

PEER_VERBS: Verbs = {
    "send": (Send, SendReply),
    "recv": (Recv, RecvReply),
    "ack_turn": (AckTurn, AckReply),
    "requeue_inflight": (RequeueInflight, RequeueReply),
    "status": (Status, StatusReply),
    "recent": (Recent, MessagesReply),
    "ask": (Ask, IdReply),
    "answer": (Answer, Done),
    "remind": (Remind, RemindReply),
    "loose_ends": (LooseEnds, LooseEndsReply),
    "cancel": (Cancel, Done),
    "whoami": (Whoami, WhoamiReply),
    "set_status": (SetStatus, Done),
    "wake": (Wake, IdReply),
}
"""What a registered peer may ask: the agent surface without what belongs to a lifecycle."""

AGENT_VERBS: Verbs = PEER_VERBS | {
    "publish": (Publish, PublishReply),
    "turn_ended": (TurnEnded, Done),
    "control": (Control, ControlReply),
}

MANAGER_VERBS: Verbs = AGENT_VERBS | {
    "request_spawn": (RequestSpawn, ApprovalReply),
    "request_spawn_draft": (RequestSpawnDraft, DraftReply),
    "request_spawn_commit": (RequestSpawnCommit, ApprovalReply),
    "request_apply_commit": (RequestApplyCommit, ApprovalReply),
    "start": (ManagerStart, Done),
    "kill": (ManagerKill, Done),
    "restart": (ManagerRestart, Done),
    "update": (ManagerUpdate, Done),
    "get_logs": (GetLogs, LinesReply),
}
