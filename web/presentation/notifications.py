"""The browser notifications that are due: approvals, questions to the operator, mail to the operator. Pure.

Each event has one notification with a key of its own: a browser shows a burst under one shared key as a single one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.wire import names
from harness.wire.agent_api import Message, Question
from harness.wire.operator_rows import ApprovalRow
from web.presentation import decision_state
from web.presentation.formats import first_line

BODY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Notification:
    """One notification; `href` is the address that a click opens."""

    key: str
    title: str
    body: str
    href: str


def notifications(
    approvals: Iterable[ApprovalRow], questions: Iterable[Question], mail: Iterable[Message]
) -> list[Notification]:
    """All notifications that are due now; the page shows those whose key it has not seen yet."""
    pending = [_of_approval(row) for row in approvals if decision_state.is_pending(row)]
    asked = [_of_question(row) for row in questions if decision_state.waits_for_operator(row)]
    return pending + asked + [_of_mail(one) for one in mail]


def _of_approval(row: ApprovalRow) -> Notification:
    title = f"approval #{row.id}: {names.container_name(row.agent)}"
    return Notification(f"approval-{row.id}", title, _body(row.description or row.kind), f"/?need=approval-{row.id}")


def _of_question(row: Question) -> Notification:
    title = f"{names.container_name(row.asker)} asks"
    return Notification(f"question-{row.id}", title, _body(row.question), f"/?need=question-{row.id}")


def _of_mail(mail: Message) -> Notification:
    return Notification(f"mail-{mail.id}", f"mail from {names.container_name(mail.from_)}", _body(mail.body), "/#inbox")


def _body(text: str) -> str:
    return first_line(text, BODY_CHARACTERS)
