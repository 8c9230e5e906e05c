"""How an approval, a question and a reminder stand: the word, glyph and tone of each. Pure."""

from harness.wire.agent_api import Question, Reminder
from harness.wire.operator_rows import ApprovalRow
from web.look import Look, Tone

KINDS = {"spawn": "spawn", "apply_commit": "config"}
"""What an approval is about, in a word."""

_ENDED = {
    "denied": Look("denied", "✗", Tone.CALM),
    "failed": Look("failed", "✗", Tone.BAD),
    "cancelled": Look("cancelled", "·", Tone.CALM),
}
_QUESTIONS = {
    "answered": Look("answered", "✓", Tone.OK),
    "expired": Look("expired", "⌛", Tone.WAIT),
    "cancelled": Look("cancelled", "·", Tone.CALM),
}


def is_pending(row: ApprovalRow) -> bool:
    """Whether the operator has to decide."""
    return row.status == "pending"


def under_way(row: ApprovalRow) -> bool:
    """Whether it was approved and is being carried out: the tag tells when it is deployed."""
    return row.status == "approved" and not (row.tag or "").startswith("deployed/")


def of_approval(row: ApprovalRow) -> Look:
    """An approval's state; one that this version does not know is shown as it is called."""
    if is_pending(row):
        return Look("pending", "▸", Tone.NEEDS)
    if under_way(row):
        return Look("being carried out", "↻", Tone.MOVE)
    if row.status == "approved":
        return Look("deployed", "✓", Tone.OK)
    return _ENDED.get(row.status, Look(row.status, "?", Tone.WAIT))


def of_question(row: Question) -> Look:
    """A question's state."""
    if row.status == "pending":
        return Look("pending", "?", Tone.NEEDS)
    return _QUESTIONS.get(row.status, Look(row.status, "?", Tone.WAIT))


def of_reminder(row: Reminder) -> Look:
    """A reminder's state: what went wrong comes first."""
    if row.last_error:
        return Look(f"{row.attempts} failed", "⚠", Tone.BAD)
    return Look("waits", "⏳", Tone.CALM)
