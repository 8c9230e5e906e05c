"""What needs the operator: one ranked list for the page and for `hive needs`, what is put off, what is handed on."""

from typing import Annotated, Literal

from pydantic import Field

from harness.wire.boundary.listing import ListReply
from harness.wire.limits import MAX_KEY_CHARACTERS, MAX_NOTE_CHARACTERS
from harness.wire.model import Done, Reply, Request
from harness.wire.needs import LatencyRow, Need, UnreadRows
from harness.wire.times import Timestamp
from harness.wire.verb import OPERATORS, Rows, Verb

from .requests import Plain

NeedKey = Annotated[str, Field(min_length=1, max_length=MAX_KEY_CHARACTERS)]
"""The key of an item in the list."""


class NeedsReply(ListReply):
    """Most urgent first. The list is whole where `failed` is empty. `snoozed` are the items that are put off.

    `latency` is null where it could not be read.
    """

    needs: list[Need]
    snoozed: list[Need] = []
    failed: list[UnreadRows] = []
    latency: LatencyRow | None = None


class SnoozeNeed(Request):
    """Put an item off until this moment, or, without one, until it changes."""

    cmd: Literal["snooze_need"] = "snooze_need"
    key: NeedKey
    until: Timestamp | None = None


class WakeNeed(Request):
    """Show an item again that is put off."""

    cmd: Literal["wake_need"] = "wake_need"
    key: NeedKey


class DelegateNeed(Request):
    """Write the facts of an item to the manager, after the operator's own words, and put it off until it changes."""

    cmd: Literal["delegate_need"] = "delegate_need"
    key: NeedKey
    note: Annotated[str, Field(max_length=MAX_NOTE_CHARACTERS)] | None = None


class DelegateReply(Reply):
    """The id of the message to the manager."""

    id: int


NEEDS = Verb("needs", Plain, NeedsReply, OPERATORS)
SNOOZE_NEED = Verb("snooze_need", SnoozeNeed, Done, OPERATORS)
WAKE_NEED = Verb("wake_need", WakeNeed, Done, OPERATORS)
DELEGATE_NEED = Verb("delegate_need", DelegateNeed, DelegateReply, OPERATORS)

VERBS: Rows = (NEEDS, SNOOZE_NEED, WAKE_NEED, DELEGATE_NEED)
