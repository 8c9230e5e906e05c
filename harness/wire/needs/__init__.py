"""The rows of what needs the operator, each with what settles it."""

from enum import StrEnum

from harness.wire.agent_api.questions import Question
from harness.wire.errors import ErrorCode
from harness.wire.model import Record
from harness.wire.operator_rows import ApprovalRow, QuarantineRow, WhyPart
from harness.wire.times import Timestamp


class NeedKind(StrEnum):
    """Why an item needs the operator; the order of the members is the rank."""

    UNREADABLE = "unreadable"
    SUSPENDED = "suspended"
    FAILED = "failed"
    STUCK = "stuck"
    FAILING = "failing"
    DEAD_LETTER = "dead letter"
    LOGIN = "needs login"
    LOGIN_ENDS = "login ends"
    QUESTION = "question"
    APPROVAL = "approval"
    DEGRADED = "degraded"
    LIMITED = "limited"
    MAIL = "mail"


class Need(Record):
    """One item; `key` is its identity.

    `actions` are the verbs that a page offers as buttons; `command` settles it in a terminal, free words in capitals.
    """

    kind: NeedKind
    key: str
    agent: str
    sentence: str
    since: Timestamp | None = None
    command: str
    actions: tuple[str, ...] = ()
    mail_ids: tuple[int, ...] = ()
    approval: ApprovalRow | None = None
    question: Question | None = None
    quarantined: QuarantineRow | None = None
    word: str = ""
    """The kind as it is shown, when that is not its value."""
    why: list[WhyPart] = []
    """Of an agent that is not well: what happened last, how often it was tried, what is waited for."""
    mark: str = ""
    """Tells the present state of the item: one that was put off is shown again when this has changed."""
    snoozed_until: Timestamp | None = None
    """Of one that is put off, the moment at which it is shown again; null: when it changes."""


class LatencyRow(Record):
    """How long the operator took from need to decision, in the last `days`; null without a decision."""

    days: int
    count: int
    median_ms: int | None = None
    p90_ms: int | None = None


class UnreadRows(Record):
    """Rows that could not be read: some of them may need the operator."""

    name: str
    error: str
    code: ErrorCode
    hint: str | None = None
