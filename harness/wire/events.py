"""Everything that is reported rather than asked.

HelperEvents are bodies of messages from `system` and drive a normal turn. LiveEvents come from a
harness. OperatorEvents are what the daemon streams to the dashboard and the CLI.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from .boundary.values import Count, Dollars, Figures, Label, Milliseconds
from .limits import MAX_EVENTS, MAX_REASON_CHARACTERS, MAX_URL_CHARACTERS
from .live.left_running import LeftRunning
from .live.opened import Checked, McpServers
from .model import Record
from .names import OPERATOR, SELF, SYSTEM, Id
from .review.comments import LineComment
from .times import Timestamp

# ---- HelperEvents -------------------------------------------------------------------------------


class HelperEvent(Record):
    """A fact the manager (or a question's asker or target) is told, as JSON in a message body."""

    version: Literal[1] = 1

    def written_by(self) -> dict[str, str]:
        """The fields whose words are not the hive's alone, and the name of who may have written them.

        `rows.key` is the field `key` of each record in the list `rows`.

        They are shown as that writer's. A sentence of the hive that repeats words of an agent counts as the agent's.
        """
        return {}


class ApprovalResolved(HelperEvent):
    event: Literal["approval_resolved"] = "approval_resolved"
    id: int
    agent: str
    kind: str
    commit_ref: str | None = None
    status: str
    note: str | None = None
    sha: str | None = None
    tag: str | None = None
    decision_note: str | None = None
    """What the operator noted with an approval; `note` has that of a denial."""
    comments: list[LineComment] = []
    """What the operator said about lines of the proposal."""

    def written_by(self) -> dict[str, str]:
        words = {"comments.quoted": self.agent, "comments.text": OPERATOR}
        return {"note": OPERATOR if self.status == "denied" else self.agent, "decision_note": OPERATOR, **words}


class Spawned(HelperEvent):
    event: Literal["spawned"] = "spawned"
    agent: str
    ok: bool
    note: str | None = None
    sha: str | None = None

    def written_by(self) -> dict[str, str]:
        return {"note": self.agent}


class Rebuilt(HelperEvent):
    event: Literal["rebuilt"] = "rebuilt"
    agent: str
    ok: bool
    note: str | None = None
    sha: str | None = None
    tag: str | None = None

    def written_by(self) -> dict[str, str]:
        return {"note": self.agent}


class Killed(HelperEvent):
    event: Literal["killed"] = "killed"
    agent: str


class Destroyed(HelperEvent):
    event: Literal["destroyed"] = "destroyed"
    agent: str


class ContainerCrash(HelperEvent):
    """`exit_status` is the shell's: 0 to 255, 128 + signal for a signal, null where it is not known.

    `kind` is the class of the end: clean, usage_limit, login_lost, crash, out_of_memory, killed or start_failed.
    """

    event: Literal["container_crash"] = "container_crash"
    agent: str
    note: str
    exit_status: int | None = None
    log_tail: list[str] = []
    kind: str | None = None
    at: Timestamp | None = None
    """When it was noticed; two ends of one agent never share it."""

    def written_by(self) -> dict[str, str]:
        return {"note": self.agent, "log_tail": self.agent}


class AgentStuck(HelperEvent):
    event: Literal["agent_stuck"] = "agent_stuck"
    agent: str
    note: str
    since: Timestamp

    def written_by(self) -> dict[str, str]:
        return {"note": self.agent}


class NeedsLogin(HelperEvent):
    event: Literal["needs_login"] = "needs_login"
    agent: str


class LoggedIn(HelperEvent):
    event: Literal["logged_in"] = "logged_in"
    agent: str


class NeedsUpdate(HelperEvent):
    event: Literal["needs_update"] = "needs_update"
    agent: str


class ConfigReady(HelperEvent):
    event: Literal["config_ready"] = "config_ready"
    agent: str
    config_path: str


class TurnFailed(HelperEvent):
    """Turns of this agent on these messages failed `attempts` times; the next try has a new session."""

    event: Literal["turn_failed"] = "turn_failed"
    agent: str
    message_ids: list[int]
    attempts: int
    reason: str

    def written_by(self) -> dict[str, str]:
        return {"reason": self.agent}


class MessageSetAside(HelperEvent):
    """A message that was tried too often is a dead letter now, and waits for the operator. Its sender is told."""

    event: Literal["message_set_aside"] = "message_set_aside"
    id: int
    agent: str
    attempts: int
    reason: str

    def written_by(self) -> dict[str, str]:
        return {"reason": self.agent}


class TurnCut(HelperEvent):
    """An order ended this agent in the middle of a turn. The turn's messages are offered again."""

    event: Literal["turn_cut"] = "turn_cut"
    agent: str
    reason: str


class RestartPlanned(HelperEvent):
    event: Literal["restart_planned"] = "restart_planned"
    agents: list[str]
    reason: str


class QuestionAsked(HelperEvent):
    event: Literal["question_asked"] = "question_asked"
    id: int
    asker: str
    question: str
    options: list[str]
    multi: bool
    free_text: bool = False
    deadline_at: Timestamp | None = None

    def written_by(self) -> dict[str, str]:
        return {"question": self.asker, "options": self.asker}


class QuestionAnswered(HelperEvent):
    event: Literal["question_answered"] = "question_answered"
    id: int
    question: str
    answer: str
    answerer: str
    outcome: Literal["answered", "expired", "cancelled"]

    def written_by(self) -> dict[str, str]:
        return {"question": SELF, "answer": self.answerer if self.outcome == "answered" else SYSTEM}


HELPER_EVENTS: dict[str, type[HelperEvent]] = {
    cls.model_fields["event"].default: cls
    for cls in (
        ApprovalResolved, Spawned, Rebuilt, Killed, Destroyed, ContainerCrash, AgentStuck, TurnFailed, TurnCut,
        MessageSetAside, NeedsLogin, LoggedIn, NeedsUpdate, ConfigReady, RestartPlanned, QuestionAsked,
        QuestionAnswered,
    )
}  # fmt: skip

# ---- LiveEvents ---------------------------------------------------------------------------------


class HarnessState(StrEnum):
    """What a harness is doing, as it says itself."""

    BOOTING = "booting"
    NEEDS_LOGIN = "needs_login"
    IDLE = "idle"
    THINKING = "thinking"
    COMPACTING = "compacting"
    RATE_LIMITED = "rate_limited"
    PAUSED = "paused"
    OFFLINE = "offline"


class TurnStart(Record):
    kind: Literal["turn_start"] = "turn_start"
    from_: Label = Field(alias="from")
    body: str
    unread: Count
    message_ids: Annotated[list[Id], Field(max_length=MAX_EVENTS)]
    turn: Id | None = None
    """The number that the hive gave the turn; null where the harness was not told."""


class Stream(Record):
    """One message of the Claude stream, as the CLI printed it."""

    kind: Literal["stream"] = "stream"
    message: dict[str, Any]


class Note(Record):
    """`class` is harness, stderr or operator."""

    kind: Literal["note"] = "note"
    text: str
    class_: Label = Field(alias="class", default="harness")


class TurnEnd(Record):
    kind: Literal["turn_end"] = "turn_end"
    ok: bool
    outcome: Label
    note: str | None = None
    turn: Id | None = None


class StateChanged(Record):
    """`until` is known for a rate limit whose reset time was told."""

    kind: Literal["state"] = "state"
    state: HarnessState
    since: Timestamp
    until: Timestamp | None = None


class ModelChanged(Record):
    kind: Literal["model"] = "model"
    model: Label


class Usage(Record):
    """Tokens in the context now and the window; cost is the session's so far, in US dollars."""

    kind: Literal["usage"] = "usage"
    context_tokens: Count | None = None
    context_window: Count | None = None
    cost_usd: Dollars | None = None


class LoginState(StrEnum):
    """How far a login is. In `waiting_for_code` the operator has something to do."""

    STARTED = "started"
    WAITING_FOR_CODE = "waiting_for_code"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class LoginChanged(Record):
    """A login goes on: `begun_at` tells one from the next. `url` is the address to open while a code is waited for.

    `reason` says why the login failed, or what was wrong with the last code.
    """

    kind: Literal["login"] = "login"
    state: LoginState
    begun_at: Timestamp
    since: Timestamp
    url: Annotated[str, Field(max_length=MAX_URL_CHARACTERS)] | None = None
    reason: Annotated[str, Field(max_length=MAX_REASON_CHARACTERS)] | None = None


class CredentialSource(StrEnum):
    """Where Claude Code has its credentials from: of `hive` (its key or token) or of a `login` of the agent's own."""

    HIVE = "hive"
    LOGIN = "login"
    NONE = "none"


class CredentialsChanged(Record):
    """Claude Code has other credentials. `expires_at` is the moment from which it cannot renew them by itself."""

    kind: Literal["credentials"] = "credentials"
    source: CredentialSource
    expires_at: Timestamp | None = None


class TerminalEvent(Record):
    """Of harnesses of earlier versions, which told of a login in it."""

    kind: Literal["terminal"] = "terminal"
    data: dict[str, Any] = {}


LiveEvent = Annotated[
    TurnStart
    | Stream
    | Note
    | TurnEnd
    | StateChanged
    | ModelChanged
    | Usage
    | LoginChanged
    | CredentialsChanged
    | McpServers
    | Checked
    | LeftRunning
    | TerminalEvent,
    Field(discriminator="kind"),
]
LIVE_EVENT: TypeAdapter[LiveEvent] = TypeAdapter(LiveEvent)


def agreed(event: dict[str, Any]) -> dict[str, Any]:
    """A LiveEvent with the fields of this page and no others; of an unknown shape, as it came."""
    try:
        known = LIVE_EVENT.validate_python(event)
    except ValidationError:
        return event
    return known.model_dump(mode="json", by_alias=True, exclude_unset=True) | {"kind": known.kind}


class TurnOutcome(StrEnum):
    """How a turn ended."""

    OK = "ok"
    FAILED = "failed"
    PROMPT_TOO_LONG = "prompt_too_long"
    RATE_LIMITED = "rate_limited"
    CANCELLED = "cancelled"


class TurnStats(Record):
    """One turn in figures.

    `tokens` keys: input, output, cache_read, cache_creation; `sent` and `received` keys: peer, operator, manager,
    system. Durations are milliseconds; a figure that is not known is null.
    """

    started_at: Timestamp
    ended_at: Timestamp
    duration_ms: Milliseconds
    model: Label | None = None
    wake_from: Label | None = None
    outcome: TurnOutcome
    cold: bool
    tokens: Figures = {}
    context_tokens: Count | None = None
    cost_usd: Dollars | None = None
    tools: Figures = {}
    sent: Figures = {}
    received: Figures = {}
    inbox_depth: Count | None = None
    notes_bytes: Count | None = None
    turn: Id | None = None
    """The number of the turn within its agent, as the hive gave it."""
