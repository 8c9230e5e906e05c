"""Who is brought up at once when the host starts, and who waits for the manager. Pure."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from actors.agent.standing import Desired, Record


class BootOrder(NamedTuple):
    """Container names, each list in the order of the table."""

    at_once: list[str]
    """Nothing of theirs is started: a container that runs is taken over, one that is not wanted stays down."""
    leader_first: list[str]
    """Their containers are to be started."""


def boot_order(records: Iterable[Record], running: Collection[str]) -> BootOrder:
    """`running` are the agents whose containers outlived the last host."""
    order = BootOrder([], [])
    for record in records:
        starts = record.desired is Desired.RUNNING and record.name not in running
        (order.leader_first if starts else order.at_once).append(record.name)
    return order
