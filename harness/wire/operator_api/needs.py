"""What needs the operator: one ranked list for the page and for `hive needs`."""

from harness.wire.boundary.listing import ListReply
from harness.wire.needs import Need, UnreadRows
from harness.wire.verb import OPERATORS, Rows, Verb

from .requests import Plain


class NeedsReply(ListReply):
    """Most urgent first. The list is whole where `failed` is empty."""

    needs: list[Need]
    failed: list[UnreadRows] = []


NEEDS = Verb("needs", Plain, NeedsReply, OPERATORS)

VERBS: Rows = (NEEDS,)
