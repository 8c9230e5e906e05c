"""The rows the operator is shown: agents, approvals, turns, tombstones, the tree, and the event stream's lines."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from .agent_api.mail import Message, MessageKind
from .constants import LOGIN_SOON_DAYS, TOKEN_SOON_DAYS
from .events import LoginState
from .live.last_tool import LastTool
from .live.left_running import LeftRunning
from .live.opened import ServerState
from .model import Record
from .times import Timestamp, to_ms

_DAY_MS = 24 * 3600 * 1000


class UnreadRow(Record):
    """What one sender has written to the operator and the operator has not read. `newest` is the last of it."""

    sender: str
    count: int
    newest: Message


class DeadLetter(Record):
    """A message that was tried too often: set aside until the operator has it tried again, or drops it."""

    id: int
    from_: str = Field(alias="from")
    to: str
    body: str
    kind: MessageKind
    sent_at: Timestamp
    attempts: int
    reason: str
    """Why the last try failed."""
    failing_since: Timestamp
    set_aside_at: Timestamp


class Failing(Record):
    """Turns of an agent fail: the tries of the message that it tries now, since when, and why the last one failed."""

    attempts: int
    reason: str
    since: Timestamp


class LoginRow(Record):
    """The latest login of an agent since its container started; `begun_at` tells one from the next.

    `url` is the address to open for the code; `reason` says why the login failed, or what was wrong with the last code.
    """

    state: LoginState
    begun_at: Timestamp
    since: Timestamp
    url: str | None = None
    reason: str | None = None


class WhyPart(Record):
    """A piece of the line that says why an agent is not well: its text, and after it the age of a moment.

    With `until` the moment is to come, and is shown as a time.
    """

    text: str
    at: Timestamp | None = None
    until: bool = False


class AgentRow(Record):
    """One agent as the operator sees it. What is not known is null.

    The five flags are orthogonal and always booleans: one is true only where it is known.
    """

    name: str
    container: str | None = None
    role: Literal["manager", "agent", "peer"] = "agent"
    running: bool = False
    failed: bool = False
    needs_update: bool = False
    needs_login: bool = False
    login: LoginRow | None = None
    login_expires_at: Timestamp | None = None
    """From when on its login cannot renew itself; null where that is not known or where it has none."""
    login_shared: bool = False
    """Its login is the hive's token, which other agents use as well."""
    paused: bool = False
    suspended: str | None = None
    """Why every request of it is refused, in a sentence."""
    state: str = "stopped"
    since: Timestamp | None = None
    transient: str | None = None
    waits_until: Timestamp | None = None
    """It is about to end (`transient` says how) and waits for its running turn, at the longest until then."""
    parent: str | None = None
    deployed_sha: str | None = None
    active_model: str | None = None
    status_text: str | None = None
    status_set_at: Timestamp | None = None
    url: str | None = None
    pending: int | None = None
    leased: int | None = None
    failing: Failing | None = None
    dead_letters: int | None = None
    pending_reminders: int | None = None
    last_turn: dict[str, Any] | None = None
    note: str | None = None
    """Why it is failed, parked or degraded, in a sentence."""
    last_tool: LastTool | None = None
    """The last tool call of its running or last turn, as of its last change of state."""
    why: list[WhyPart] = []
    """Why it is stuck, failing, failed, parked or limited; empty for any other agent."""
    mcp_servers: list[ServerState] | None = None
    """The configured MCP servers as Claude last saw them; null before Claude was opened."""
    left_running: LeftRunning | None = None
    """What its turns have left running beside Claude; null where that is not known."""
    rate_limited_until: Timestamp | None = None
    context_tokens: int | None = None
    context_window: int | None = None
    turns_today: int | None = None
    average_turn_ms: int | None = None
    cost_today_usd: float | None = None
    runtime: str | None = None
    limits: dict[str, str] = {}
    """`memory`, `cpu`, `pids` and `disk` in words, as of its last start."""
    not_enforced: list[str] = []
    """The limits that this machine does not hold."""
    disk_bytes: int | None = None
    """Of its folders and its log, when they were last measured."""

    def login_ends_soon(self, now_ms: int) -> bool:
        """Whether its login is to be renewed, or has ended."""
        days = TOKEN_SOON_DAYS if self.login_shared else LOGIN_SOON_DAYS
        return self.login_expires_at is not None and to_ms(self.login_expires_at) - now_ms < days * _DAY_MS


class ApprovalRow(Record):
    """`status` is pending, approved, denied, failed or cancelled; `kind` is spawn or apply_commit."""

    id: int
    agent: str
    kind: str
    status: str
    requested_at: Timestamp
    resolved_at: Timestamp | None = None
    commit_ref: str | None = None
    sha: str | None = None
    description: str | None = None
    note: str | None = None
    tag: str | None = None
    requested_by: str | None = None
    """The manager or the operator."""
    queued: bool = False
    """Approved, and carried out when those of its agent that were approved before have ended."""
    cause: str | None = None
    """The turn in which it was proposed (`turn:manager/7`); null where that is not known."""


class PeerRow(Record):
    """An outside session that joined. `state` is listening or failed; `uid` null: the socket is the hive's own user's.

    `allowed_recipients` null: it may write to everybody. `snippet` is a line for the outside session's shell.
    """

    name: str
    socket: str
    state: str
    created_at: Timestamp
    uid: int | None = None
    allowed_recipients: list[str] | None = None
    snippet: str


class SessionRow(Record):
    """A browser in which the operator is logged in. `seen_at` is exact to a minute."""

    id: int
    opened_at: Timestamp
    seen_at: Timestamp
    ends_at: Timestamp
    address: str
    user_agent: str


class SuspensionRow(Record):
    """An agent or peer whose requests are refused, because two of them crashed the hive within a minute."""

    name: str
    at: Timestamp
    reason: str


class KeptRequest(Record):
    """A request over which `actor` crashed, `request` being its JSON, cut; `size` is that of the whole."""

    id: int
    at: Timestamp
    actor: str
    reason: str
    cmd: str
    request: str
    size: int


class Delivered(Record):
    """How many reminders of one agent became mail, and how many attempts they took."""

    count: int
    attempts: int


class Restarted(Record):
    """When and why an actor was started again."""

    at: Timestamp
    reason: str


class TreeNode(Record):
    """One actor or supervisor of the tree. `mailbox` is what waits, `handled` what was done, `current` what it does."""

    name: str
    kind: Literal["supervisor", "actor", "process"]
    state: str
    strategy: str | None = None
    restart: str | None = None
    restarts: int = 0
    last_error: str | None = None
    uptime_seconds: float | None = None
    mailbox: int | None = None
    handled: int | None = None
    current: str | None = None
    busy_seconds: float | None = None
    oldest_seconds: float | None = None
    pid: int | None = None
    memory_bytes: int | None = None
    """Resident memory of the process and everything below it."""
    reasons: list[Restarted] = []
    """The last restarts, oldest first."""
    condition: str | None = None
    """Of an agent that is not well: stuck, failing, failed, parked or limited."""
    why: list[WhyPart] = []
    """Why it is so."""
    children: list["TreeNode"] = []


class PromiseRow(Record):
    """One thing the hive promises, and whether it holds at this moment. `detail` says why not, or what was looked at.

    `held` is null where it could not be looked at: neither kept nor broken.
    """

    name: str
    held: bool | None
    detail: str


class TurnRow(Record):
    """One finished turn. `error` says why its figures cannot be shown; null for a good row.

    Its events have ids from `first_event` to `last_event`; its place in the log is `first_event`.
    """

    id: int
    agent: str
    stats: dict[str, Any]
    error: str | None = None
    first_event: int = 0
    last_event: int = 0


class QuarantineRow(Record):
    """A row of a database that cannot be read: its table, what names it there, why, and what can be done."""

    table: str
    key: str
    reason: str
    way_out: str


class Tombstone(Record):
    """What is kept of a destroyed agent."""

    name: str
    size_bytes: int | None = None
    changed_at: Timestamp | None = None
    credentials: bool | None = None


class SnippetPart(Record):
    """A piece of text around a hit, and whether it is the hit."""

    text: str
    hit: bool


class SearchHit(Record):
    """What was found: `kind` is message, prompt, text, tool, output, note, question or decision.

    `id` is the message's, question's or approval's; of what an agent's turn holds it is the live event's.
    """

    kind: str
    id: int
    at: Timestamp
    sender: str | None = None
    recipient: str | None = None
    agent: str | None = None
    snippet: list[SnippetPart]


class OperatorEventKind(StrEnum):
    """What a line of the `events` stream carries as its `data`."""

    MESSAGE = "message"
    """A Message."""
    DELIVERED = "delivered"
    """{ids, to}."""
    ACKED = "acked"
    """{ids, to}."""
    DEAD_LETTER = "dead_letter"
    """{id, set_aside}, and `to` and `reason` of one that was set aside."""
    MAIL_READ = "mail_read"
    """{}: the operator has marked mail as read."""
    AGENT = "agent"
    """An AgentRow."""
    AGENT_REMOVED = "agent_removed"
    """{name}."""
    LIVE = "live"
    """{agent, id, at, event}; the event is a LiveEvent."""
    TURN = "turn"
    """{agent, stats}; stats are TurnStats."""
    APPROVAL = "approval"
    """An ApprovalRow."""
    QUESTION = "question"
    """A Question."""
    REMINDER = "reminder"
    """A Reminder, or {id, cancelled}."""
    QUARANTINE = "quarantine"
    """{rows}: how many rows cannot be read."""
    NEEDS = "needs"
    """{put_off}: an item was put off, or is shown again; so many are put off."""
    TOMBSTONES = "tombstones"
    """{}: the list has changed."""
    DRAFTS = "drafts"
    """{}: the list has changed."""
    SESSION = "session"
    """A SessionRow: a browser has logged in."""
    SESSION_ENDED = "session_ended"
    """{id}: a browser is logged out."""
    SUSPENSION = "suspension"
    """{name}: an agent or peer was suspended, or is served again."""
    TERMINAL = "terminal"
    """A TerminalRow: one was opened; or, with `open` false and `ended`, the reason, has ended."""
    NOTICE = "notice"
    """{level, text}, and the agent where it is about one."""


class OperatorEvent(Record):
    """One line of the `events` stream. `seq` grows by one; `kind` is an `OperatorEventKind`, or a newer daemon's."""

    seq: int
    at: Timestamp
    kind: str
    data: dict[str, Any]
