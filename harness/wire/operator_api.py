"""What the operator may ask over `host.sock` and the web process over `web.sock`, and what they are answered.

The exact bytes of the original's foreign client (`{"cmd":"agent_status"}`, `{"cmd":"approve","id":42}`, …)
are requests of this surface. Requests marked as streams answer with one ok line and then one line per change.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from .agent_api import (
    Answer,
    ApprovalReply,
    Id,
    LinesReply,
    MessagesReply,
    Question,
    Reminder,
    RequestSpawn,
    Send,
    SendReply,
    Verbs,
)
from .model import Done, Part, Reply, Request
from .names import AgentName, NewName, Recipient
from .operator_rows import AgentRow, ApprovalRow, Delivered, PeerRow, PromiseRow, Tombstone, TreeNode, TurnRow
from .review import ApprovalPart, ApprovalReview, Approve, CompareReply, PartReply, ReviewReply
from .times import Timestamp

# ---- requests -----------------------------------------------------------------------------------


class Scope(Part):
    """Which agents; never empty, because an empty scope must not mean everything."""

    agent_names: Annotated[list[AgentName], Field(min_length=1)]


class Plain(Request):
    """A verb without arguments."""


class ByName(Request):
    """A verb on one agent."""

    name: AgentName


class ById(Request):
    """A verb on one row."""

    id: Id


class SetPaused(Request):
    cmd: Literal["set_paused"] = "set_paused"
    name: AgentName
    paused: bool


class Start(Request):
    cmd: Literal["start"] = "start"
    scope: Scope


class Stop(Request):
    cmd: Literal["stop"] = "stop"
    scope: Scope
    graceful: bool = True


class Spawn(Request):
    cmd: Literal["spawn"] = "spawn"
    name: NewName


class Destroy(Request):
    cmd: Literal["destroy"] = "destroy"
    name: AgentName
    purge: bool = False


class Deny(Request):
    cmd: Literal["deny"] = "deny"
    id: Id
    note: str | None = None


class ApprovalDiff(Request):
    cmd: Literal["approval_diff"] = "approval_diff"
    id: Id
    base: Literal["running", "approved", "previous"] = "running"


class Listing(Request):
    """A page of rows, newest last; `before` is an id to page back from."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    before: Id | None = None


class AnswerQuestion(Answer):
    cmd: Literal["answer_question"] = "answer_question"  # type: ignore[assignment]


class Journal(Request):
    cmd: Literal["journal"] = "journal"
    name: AgentName
    lines: Annotated[int, Field(ge=1, le=5000)] = 200
    follow: bool = False


class ConfigQuery(Request):
    """The agent, a ref where one is meant; `config_diff` takes two, `config_file` a path too."""

    name: AgentName
    ref: str | None = None
    base: str | None = None
    path: str | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class StateFile(Request):
    cmd: Literal["state_file"] = "state_file"
    agent: AgentName
    rel_path: str


class Stats(Request):
    cmd: Literal["stats"] = "stats"
    since: Timestamp
    agent: AgentName | None = None


class Turns(Request):
    cmd: Literal["turns"] = "turns"
    agent: AgentName
    limit: Annotated[int, Field(ge=1, le=1000)] = 50


class LiveHistory(Request):
    """The stored live events of one agent, oldest first; `before` pages back."""

    cmd: Literal["live_history"] = "live_history"
    agent: AgentName
    limit: Annotated[int, Field(ge=1, le=2000)] = 500
    before: Id | None = None


RoomPath = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[a-z0-9][a-z0-9_/-]*$")]
"""A room of the tree by its names below the root: `broker`, `agents/alice/container`."""


class ByPath(Request):
    """A verb on one room of the tree."""

    path: RoomPath


class Events(Request):
    cmd: Literal["events"] = "events"
    since_seq: Id | None = None


class NewPeer(Request):
    """`allowed_recipients` left out: it may write to everybody. `uid`: whose its socket is; left out: the asker's."""

    cmd: Literal["add_peer"] = "add_peer"
    name: NewName
    allowed_recipients: list[Recipient] | None = None
    uid: Annotated[int, Field(ge=0, lt=2**32 - 1)] | None = None


class AgentControl(Request):
    cmd: Literal["agent_control"] = "agent_control"
    name: AgentName
    action: Literal["cancel", "compact", "new_session", "model", "login_start", "login_code", "login_cancel"]
    value: str | None = None


# ---- replies ------------------------------------------------------------------------------------


class NamesReply(Reply):
    agents: list[str]


class AgentStatusReply(Reply):
    agent_statuses: list[AgentRow]


class UrlsReply(Reply):
    urls: dict[str, str | None]


class PlannedReply(Reply):
    planned: list[str]


class ApprovalsReply(Reply):
    approvals: list[ApprovalRow]


class DiffReply(Reply):
    diff: str
    base_sha: str | None
    sha: str


class QuestionsReply(Reply):
    questions: list[Question]


class RemindersReply(Reply):
    """What waits, first due first. `delivered`: by agent, in the last 24 hours; null where the host does not say."""

    reminders: list[Reminder]
    delivered: dict[str, Delivered] | None = None


class TombstonesReply(Reply):
    tombstones: list[Tombstone]


class DecisionsReply(Reply):
    """The decision log, oldest first; `broken_at` is the first row that is not what was written, null when none is."""

    decisions: list[dict[str, Any]]
    broken_at: int | None
    reason: str | None


class TextReply(Reply):
    text: str


class RowsReply(Reply):
    rows: list[dict[str, Any]]


class SeriesReply(Reply):
    """key → [[milliseconds UTC, value], …], per agent."""

    series: dict[str, Any]


class TurnsReply(Reply):
    turns: list[TurnRow]


class TreeReply(Reply):
    tree: TreeNode


class VerifyReply(Reply):
    promises: list[PromiseRow]


class StackReply(Reply):
    """Where a room's greenlet stands, outermost call first; empty when it only waits for its next message."""

    path: str
    lines: list[str]


class AboutReply(Reply):
    """Which hive this is. `loopback`: its model is on this machine, as a rehearsal's is."""

    pid: int
    state_dir: str
    run_dir: str
    runtime: str
    loopback: bool


class EventsReply(Reply):
    """The first line of the stream: everything up to `seq` is in the snapshot reads. `epoch` changes with the host."""

    seq: int
    epoch: str


class PeerReply(Reply):
    """What the outside session needs: `snippet` for a shell, or `mcp` for a configuration file of Claude Code."""

    name: str
    socket: str
    snippet: str
    mcp: dict[str, Any]


class PeersReply(Reply):
    peers: list[PeerRow]


# ---- the surfaces -------------------------------------------------------------------------------

WEB_VERBS: Verbs = {
    "list": (Plain, NamesReply),
    "agent_status": (Plain, AgentStatusReply),
    "subscribe_agent_status": (Plain, AgentStatusReply),
    "urls": (Plain, UrlsReply),
    "set_paused": (SetPaused, Done),
    "start": (Start, Done),
    "stop": (Stop, Done),
    "restart": (ByName, Done),
    "kill": (ByName, Done),
    "rebuild": (ByName, Done),
    "kick": (ByName, Done),
    "rebuild_all": (Plain, PlannedReply),
    "request_spawn": (RequestSpawn, ApprovalReply),
    "destroy": (Destroy, Done),
    "tombstones": (Plain, TombstonesReply),
    "purge_tombstone": (ByName, Done),
    "revive": (ByName, ApprovalReply),
    "pending": (Plain, ApprovalsReply),
    "approve": (Approve, Done),
    "deny": (Deny, Done),
    "approval_review": (ApprovalReview, ReviewReply),
    "approval_part": (ApprovalPart, PartReply),
    "approval_diff": (ApprovalDiff, DiffReply),
    "drafts": (Plain, RowsReply),
    "decisions": (Plain, DecisionsReply),
    "send": (Send, SendReply),
    "inbox": (Listing, MessagesReply),
    "messages": (Listing, MessagesReply),
    "questions": (Plain, QuestionsReply),
    "answer_question": (AnswerQuestion, Done),
    "cancel_question": (ById, Done),
    "reminders": (Plain, RemindersReply),
    "cancel_reminder": (ById, Done),
    "retry_reminder": (ById, Done),
    "journal": (Journal, LinesReply),
    "agent_config": (ConfigQuery, TextReply),
    "config_log": (ConfigQuery, RowsReply),
    "config_diff": (ConfigQuery, DiffReply),
    "config_compare": (ConfigQuery, CompareReply),
    "config_file": (ConfigQuery, TextReply),
    "config_files": (ConfigQuery, RowsReply),
    "config_tags": (ConfigQuery, RowsReply),
    "state_file": (StateFile, TextReply),
    "stats": (Stats, SeriesReply),
    "turns": (Turns, TurnsReply),
    "live_history": (LiveHistory, RowsReply),
    "actors": (Plain, TreeReply),
    "actor_stack": (ByPath, StackReply),
    "verify": (Plain, VerifyReply),
    "about": (Plain, AboutReply),
    "events": (Events, EventsReply),
    "peers": (Plain, PeersReply),
    "agent_control": (AgentControl, Done),
}
"""The operator surface as the web process has it: nothing that goes round the approval queue, no raw paths."""

HOST_VERBS: Verbs = WEB_VERBS | {
    "spawn": (Spawn, Done),
    "restart_actor": (ByPath, Done),
    "add_peer": (NewPeer, PeerReply),
    "remove_peer": (ByName, Done),
}

STREAMS = frozenset({"subscribe_agent_status", "events", "journal"})
"""Verbs whose connection may stay open and carry lines (`journal` only with `follow`)."""
