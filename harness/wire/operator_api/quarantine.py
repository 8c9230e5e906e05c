"""Verbs on rows of the databases that cannot be read."""

from typing import Literal

from harness.wire.model import Done, Reply, Request
from harness.wire.operator_rows import QuarantineRow
from harness.wire.verb import OPERATORS, Rows, Verb


class Quarantine(Request):
    """As of the last look through the tables; with `look` they are looked through first."""

    cmd: Literal["quarantine"] = "quarantine"
    look: bool = False


class QuarantineReply(Reply):
    """By table, at most a hundred of each."""

    rows: list[QuarantineRow]


class DropQuarantined(Request):
    cmd: Literal["drop_quarantined"] = "drop_quarantined"
    table: str
    key: str


QUARANTINE = Verb("quarantine", Quarantine, QuarantineReply, OPERATORS)
DROP_QUARANTINED = Verb("drop_quarantined", DropQuarantined, Done, OPERATORS)

VERBS: Rows = (QUARANTINE, DROP_QUARANTINED)
