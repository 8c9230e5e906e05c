"""A list of rows that says how many more there are: a reply of the daemon has a size."""

from collections.abc import Iterable
from typing import Any, TypeVar

from harness.wire.model import Reply

T = TypeVar("T")


class Listed(list[T]):
    """The rows of one reply. `omitted`: how many more there are, which did not fit into it."""

    omitted: int = 0


def listed(reply: Reply, rows: Iterable[T]) -> Listed[T]:
    """These rows of `reply`, in their order."""
    found = Listed(rows)
    found.omitted = omitted(reply)
    return found


def omitted(*values: Any) -> int:
    """How many rows are missing in these lists and replies together."""
    return sum(getattr(value, "omitted", 0) for value in values)
