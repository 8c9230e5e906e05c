"""What needs the operator, most urgent first. Pure: rows in, a ranked list out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from harness.wire import names
from harness.wire.agent_api import Message, Question
from harness.wire.operator_rows import AgentRow, ApprovalRow
from web import look, standing
from web.text import first_line


class Kind(StrEnum):
    """Why somebody waits; the order is the rank."""

    FAILED = "failed"
    STUCK = "stuck"
    LOGIN = "needs login"
    QUESTION = "question"
    APPROVAL = "approval"
    DEGRADED = "degraded"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Need:
    """One line of the list. `key` is its identity; `actions` are verbs the line offers as buttons."""

    kind: Kind
    key: str
    who: str
    sentence: str
    since: str | None
    actions: tuple[str, ...] = ()
    ids: tuple[int, ...] = ()
    approval: ApprovalRow | None = None
    question: Question | None = None
    word: str = ""
    """The kind as it is shown, when that is not its value."""


def needs(
    agents: Iterable[AgentRow] = (),
    inbox: Iterable[Message] = (),
    seen: int = 0,
    approvals: Iterable[ApprovalRow] = (),
    questions: Iterable[Question] = (),
) -> list[Need]:
    """All that waits for the operator; `seen` is the last mail marked as read."""
    found = [need for row in agents if (need := _of_agent(row)) is not None]
    found += [_of_approval(row) for row in approvals if standing.is_pending(row)]
    found += [_of_question(row) for row in questions if waits_for_operator(row)]
    found += _mail([mail for mail in inbox if mail.id > seen and mail.from_ != names.OPERATOR])
    rank = list(Kind)
    return sorted(found, key=lambda need: (rank.index(need.kind), need.since or ""))


def waits_for_operator(question: Question) -> bool:
    """Whether the operator was asked and has not answered."""
    return question.status == "pending" and question.target == names.OPERATOR


def _of_agent(row: AgentRow) -> Need | None:
    if row.transient or row.role == "peer":
        return None
    state = look.of(row)
    if state.word in ("failed", "parked"):
        sentence = row.note or "it ended and was not brought back"
        return _agent_need(Kind.FAILED, row, sentence, ("start", "log"), word=state.word)
    if state.word == "stuck":
        return _agent_need(Kind.STUCK, row, (row.note or "alive, but silent") + _unfinished(row), _GENTLE)
    if state.word == "needs login":
        return _agent_need(Kind.LOGIN, row, row.note or "Claude Code is not logged in", ("open",))
    if row.running and row.note:
        return _agent_need(Kind.DEGRADED, row, row.note + _unfinished(row), _GENTLE)
    return None


_GENTLE = ("restart", "pause", "log")


def _agent_need(kind: Kind, row: AgentRow, sentence: str, actions: tuple[str, ...], word: str = "") -> Need:
    key = f"{kind.name.lower()}-{names.container_name(row.name)}"
    offered = tuple(one for one in actions if one != "pause" or not row.paused)
    return Need(kind, key, row.name, sentence, row.since, offered, word=word)


def _unfinished(row: AgentRow) -> str:
    count = row.leased or row.pending
    return f"; {count} unfinished" if count else ""


def _of_approval(row: ApprovalRow) -> Need:
    what = "a new agent" if row.kind == "spawn" else "a change of its configuration"
    return Need(
        Kind.APPROVAL, f"approval-{row.id}", row.agent, row.description or what, row.requested_at, approval=row
    )  # fmt: skip


def _of_question(row: Question) -> Need:
    return Need(Kind.QUESTION, f"question-{row.id}", row.asker, row.question, row.asked_at, question=row)


def _mail(unread: list[Message]) -> list[Need]:
    senders: dict[str, list[Message]] = {}
    for mail in unread:
        senders.setdefault(mail.from_, []).append(mail)
    return [
        Need(
            Kind.MAIL,
            f"mail-{names.container_name(sender)}",
            sender,
            first_line(mails[-1].body, 160) + (f"  (+{len(mails) - 1} more)" if len(mails) > 1 else ""),
            mails[-1].sent_at,
            ("read", "reply"),
            tuple(mail.id for mail in mails),
        )
        for sender, mails in senders.items()
    ]
