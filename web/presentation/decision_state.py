"""The state of an approval, a question and a reminder as a page shows it. Pure."""

from harness.wire import names
from harness.wire.agent_api import Question
from harness.wire.operator_rows import ApprovalRow
from web.presentation.state_style import StateStyle, Tone

APPROVAL_KINDS = {"spawn": "spawn", "apply_commit": "config"}
"""What an approval is about, in one word."""

_DECIDED = {
    "denied": StateStyle("denied", "✗", Tone.CALM),
    "failed": StateStyle("failed", "✗", Tone.BAD),
    "cancelled": StateStyle("cancelled", "·", Tone.CALM),
}
_CLOSED = {
    "answered": StateStyle("answered", "✓", Tone.OK),
    "expired": StateStyle("expired", "⊘", Tone.WAIT),
    "cancelled": StateStyle("cancelled", "·", Tone.CALM),
}


def is_pending(row: ApprovalRow) -> bool:
    """Whether the operator has to decide."""
    return row.status == "pending"


def is_deploying(row: ApprovalRow) -> bool:
    """Whether an approved change is not yet in force: its tag says when it is deployed."""
    return row.status == "approved" and not (row.tag or "").startswith("deployed/")


def waits_for_operator(question: Question) -> bool:
    """Whether the operator was asked and has not answered."""
    return question.status == "pending" and question.target == names.OPERATOR


def approval_style(row: ApprovalRow) -> StateStyle:
    """The style of an approval; a status that this version does not know is shown by its own name."""
    if is_pending(row):
        return StateStyle("pending", "▸", Tone.ATTENTION)
    if row.queued:
        return StateStyle("queued", "⋯", Tone.WAIT)
    if is_deploying(row):
        return StateStyle("being carried out", "↻", Tone.MOVE)
    if row.status == "approved":
        return StateStyle("deployed", "✓", Tone.OK)
    return _DECIDED.get(row.status, StateStyle(row.status, "?", Tone.WAIT))


def question_style(row: Question) -> StateStyle:
    """The style of a closed question; a status that this version does not know is shown by its own name."""
    return _CLOSED.get(row.status, StateStyle(row.status, "?", Tone.WAIT))
