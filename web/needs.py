"""What needs the operator, most urgent first. Pure: rows in, a ranked list out."""

from dataclasses import dataclass
from enum import StrEnum

from harness.wire import names
from harness.wire.agent_api import Message
from harness.wire.operator_rows import AgentRow
from web import look
from web.text import first_line


class Kind(StrEnum):
    """Why somebody waits; the order is the rank."""

    FAILED = "failed"
    STUCK = "stuck"
    LOGIN = "needs login"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Need:
    """One line of the list. `actions` are verbs the line offers as buttons."""

    kind: Kind
    who: str
    sentence: str
    since: str | None
    actions: tuple[str, ...]
    ids: tuple[int, ...] = ()


def needs(agents: list[AgentRow], inbox: list[Message], seen: int) -> list[Need]:
    """All that waits for the operator; `seen` is the last mail marked as read."""
    found = [need for row in agents if (need := _of_agent(row)) is not None]
    found += _mail([mail for mail in inbox if mail.id > seen and mail.from_ != names.OPERATOR])
    rank = list(Kind)
    return sorted(found, key=lambda need: (rank.index(need.kind), need.since or ""))


def _of_agent(row: AgentRow) -> Need | None:
    if row.transient:
        return None
    if row.failed:
        return Need(Kind.FAILED, row.name, row.note or "it ended and was not brought back", row.since, ("start", "log"))
    word = look.of(row).word
    if word == "stuck":
        waiting = f"; {row.leased or row.pending} unfinished" if row.leased or row.pending else ""
        return Need(Kind.STUCK, row.name, f"{row.note or 'alive, but silent'}{waiting}", row.since, ("restart", "log"))
    if word == "needs login":
        return Need(Kind.LOGIN, row.name, row.note or "Claude Code is not logged in", row.since, ("open",))
    return None


def _mail(unread: list[Message]) -> list[Need]:
    senders: dict[str, list[Message]] = {}
    for mail in unread:
        senders.setdefault(mail.from_, []).append(mail)
    return [
        Need(
            Kind.MAIL,
            sender,
            first_line(mails[-1].body, 160) + (f"  (+{len(mails) - 1} more)" if len(mails) > 1 else ""),
            mails[-1].sent_at,
            ("read", "reply"),
            tuple(mail.id for mail in mails),
        )
        for sender, mails in senders.items()
    ]
