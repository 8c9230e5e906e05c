"""Reminders that wait for their moment."""

from harness.wire.agent_api.reminders import Reminder
from harness.wire.boundary.listing import ListReply
from harness.wire.model import Done
from harness.wire.operator_rows import Delivered
from harness.wire.verb import OPERATORS, Rows, Verb

from .requests import ById, Plain


class RemindersReply(ListReply):
    """What waits, first due first.

    `delivered`: by agent, in the last 24 hours; null where the daemon does not say.
    """

    reminders: list[Reminder]
    delivered: dict[str, Delivered] | None = None


REMINDERS = Verb("reminders", Plain, RemindersReply, OPERATORS)
CANCEL_REMINDER = Verb("cancel_reminder", ById, Done, OPERATORS)
RETRY_REMINDER = Verb("retry_reminder", ById, Done, OPERATORS)

VERBS: Rows = (REMINDERS, CANCEL_REMINDER, RETRY_REMINDER)
