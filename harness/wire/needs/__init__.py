"""The rows of what needs the operator, each with what settles it."""

from enum import StrEnum

from harness.wire.agent_api.questions import Question
from harness.wire.errors import ErrorCode
from harness.wire.model import Record
from harness.wire.operator_rows import ApprovalRow, QuarantineRow
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


class UnreadRows(Record):
    """Rows that could not be read: some of them may need the operator."""

    name: str
    error: str
    code: ErrorCode
    hint: str | None = None
