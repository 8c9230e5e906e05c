"""Verbs on suspensions: agents and peers whose requests crashed the hive twice within a minute."""

from harness.wire.model import Done, Reply
from harness.wire.operator_rows import KeptRequest, SuspensionRow
from harness.wire.verb import OPERATORS, Rows, Verb

from .requests import ByName, Plain


class SuspensionsReply(Reply):
    """The longest suspended first."""

    suspensions: list[SuspensionRow]


class KeptRequestsReply(Reply):
    """The newest first."""

    requests: list[KeptRequest]


SUSPENSIONS = Verb("suspensions", Plain, SuspensionsReply, OPERATORS)
KEPT_REQUESTS = Verb("kept_requests", ByName, KeptRequestsReply, OPERATORS)
LIFT_SUSPENSION = Verb("lift_suspension", ByName, Done, OPERATORS)

VERBS: Rows = (SUSPENSIONS, KEPT_REQUESTS, LIFT_SUSPENSION)
