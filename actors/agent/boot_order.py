"""Who is brought up at once when the host starts, and who waits for the manager. Pure."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from actors.agent.resting import is_on
from actors.agent.standing import Desired, Record


class BootOrder(NamedTuple):
    """Container names, each list in the order of the table."""

    at_once: list[str]
    """Nothing of theirs is started: a container that runs is taken over, one that is not wanted stays down."""
    leader_first: list[str]
    """Their containers are to be started."""


def boot_order(records: Iterable[Record], running: Collection[str], now_ms: int) -> BootOrder:
    """`running` are the agents whose containers outlived the last host; `now_ms` tells whose rest is not over."""
    order = BootOrder([], [])
    for record in records:
        rests = is_on(record.rests_until_ms, now_ms=now_ms)
        starts = record.desired is Desired.RUNNING and record.name not in running and not rests
        (order.leader_first if starts else order.at_once).append(record.name)
    return order
