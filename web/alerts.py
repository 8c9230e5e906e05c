"""What a browser notification is shown for: approvals, questions to the operator, operator mail. Pure.

One alert for each event, each with a key of its own: under a shared one a burst would show as a single notification.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.wire import names
from harness.wire.agent_api import Message, Question
from harness.wire.operator_rows import ApprovalRow
from web import standing
from web.needs import waits_for_operator
from web.text import first_line

BODY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Alert:
    """One notification; `href` is where it leads."""

    key: str
    title: str
    body: str
    href: str


def alerts(
    approvals: Iterable[ApprovalRow], questions: Iterable[Question], inbox: Iterable[Message], seen: int
) -> list[Alert]:
    """Everything that would be worth one now; the page shows those it has not seen yet."""
    found = [
        Alert(f"approval-{row.id}", f"approval #{row.id}: {_who(row.agent)}", row.description or row.kind, "/#needs")
        for row in approvals
        if standing.is_pending(row)
    ]
    found += [
        Alert(f"question-{row.id}", f"{_who(row.asker)} asks", row.question, f"/#need-question-{row.id}")
        for row in questions
        if waits_for_operator(row)
    ]
    found += [
        Alert(f"mail-{mail.id}", f"mail from {_who(mail.from_)}", mail.body, "/#inbox")
        for mail in inbox
        if mail.id > seen and mail.from_ != names.OPERATOR
    ]
    return [Alert(one.key, one.title, first_line(one.body, BODY_CHARACTERS), one.href) for one in found]


def _who(name: str) -> str:
    return names.container_name(name)
