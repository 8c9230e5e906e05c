"""What an agent, a peer and the manager may ask over their own socket, and what they are answered.

No request names its sender: identity is the socket. One module per topic holds requests, replies and the rows of the
table; sockets, the MCP tools, the harness's client and `docs/protocol.md` are made from or checked against `ROWS`.
"""

from harness.wire.limits import MAX_BATCH, MAX_BODY_BYTES, MAX_QUESTION_TTL_SECONDS, MAX_WAIT_SECONDS
from harness.wire.names import CommitRef, Id
from harness.wire.verb import Caller, Rows, Verbs, verbs_for

from . import harness, identity, lifecycle, mail, proposals, questions, reminders
from .harness import BeginTurn, BeginTurnReply, Command, Control, ControlReply, Publish, PublishReply, TurnEnded
from .identity import SetStatus, Whoami, WhoamiReply
from .lifecycle import GetLogs, LinesReply, ManagerKill, ManagerRestart, ManagerStart, ManagerUpdate
from .mail import (
    AckReply,
    AckTurn,
    FailReply,
    FailTurn,
    IdReply,
    Message,
    MessageKind,
    MessagesReply,
    Recent,
    Recv,
    RecvReply,
    RequeueInflight,
    RequeueReply,
    Send,
    SendReply,
    Status,
    StatusReply,
    Wake,
)
from .proposals import (
    ApprovalReply,
    DraftReply,
    RequestApplyCommit,
    RequestSpawn,
    RequestSpawnCommit,
    RequestSpawnDraft,
    Withdraw,
)
from .questions import Answer, Ask, Question
from .reminders import Cancel, LooseEnds, LooseEndsReply, Remind, Reminder, RemindReply

ROWS: Rows = (
    *mail.VERBS,
    *questions.VERBS,
    *reminders.VERBS,
    *identity.VERBS,
    *harness.VERBS,
    *proposals.VERBS,
    *lifecycle.VERBS,
)
"""The table: every verb of an agent's, a peer's and the manager's socket."""

PEER_VERBS: Verbs = verbs_for(Caller.PEER, ROWS)
"""What a registered peer may ask: the agent surface without what belongs to a managed life."""

AGENT_VERBS: Verbs = verbs_for(Caller.AGENT, ROWS)
"""What every process in an agent's container may ask."""

HARNESS_VERBS: Verbs = verbs_for(Caller.HARNESS, ROWS)
"""What the harness of an agent or of the manager may ask over its own connection, beside what its agent may."""

MANAGER_VERBS: Verbs = verbs_for(Caller.MANAGER, ROWS)
"""The widest of the agents' surfaces."""

ALL_VERBS: Verbs = {row.cmd: row for row in ROWS}
"""A client of any of these sockets finds every verb here."""

__all__ = [
    "AGENT_VERBS",
    "ALL_VERBS",
    "HARNESS_VERBS",
    "MANAGER_VERBS",
    "MAX_BATCH",
    "MAX_BODY_BYTES",
    "MAX_QUESTION_TTL_SECONDS",
    "MAX_WAIT_SECONDS",
    "PEER_VERBS",
    "ROWS",
    "AckReply",
    "AckTurn",
    "Answer",
    "ApprovalReply",
    "Ask",
    "BeginTurn",
    "BeginTurnReply",
    "Cancel",
    "Command",
    "CommitRef",
    "Control",
    "ControlReply",
    "DraftReply",
    "FailReply",
    "FailTurn",
    "GetLogs",
    "Id",
    "IdReply",
    "LinesReply",
    "LooseEnds",
    "LooseEndsReply",
    "ManagerKill",
    "ManagerRestart",
    "ManagerStart",
    "ManagerUpdate",
    "Message",
    "MessageKind",
    "MessagesReply",
    "Publish",
    "PublishReply",
    "Question",
    "Recent",
    "Recv",
    "RecvReply",
    "Remind",
    "RemindReply",
    "Reminder",
    "RequestApplyCommit",
    "RequestSpawn",
    "RequestSpawnCommit",
    "RequestSpawnDraft",
    "RequeueInflight",
    "RequeueReply",
    "Send",
    "SendReply",
    "SetStatus",
    "Status",
    "StatusReply",
    "TurnEnded",
    "Verbs",
    "Wake",
    "Whoami",
    "WhoamiReply",
    "Withdraw",
]
