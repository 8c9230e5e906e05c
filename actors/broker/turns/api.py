"""Where a turn of an agent begins and ends. Every function takes the directory first; names may be written either way.

A harness says over its own socket that a turn begins; the hive gives it a number and knows from then on in which turn
the agent sends, asks and proposes. The turn ends when its leases are settled.
"""

from collections.abc import Sequence

from actors.broker.turns import table
from actors.store import api as store
from actors.supervision import Directory
from harness.wire.names import broker_name

WRITE_SECONDS = 30.0


def begin(directory: Directory, agent: str, message_ids: Sequence[int], now_ms: int) -> int:
    """A turn begins with these messages; its number, once it is on disk. A turn that was not settled ends."""
    unit = table.begin(broker_name(agent), message_ids, now_ms)
    return store.write(directory, unit).get(timeout=WRITE_SECONDS)


def give(directory: Directory, agent: str, number: int, message_ids: Sequence[int]) -> None:
    """The turn has read these messages as well. Never waits."""
    store.write(directory, table.present(broker_name(agent), number, message_ids))


def settle(directory: Directory, agent: str, now_ms: int) -> None:
    """The agent is between turns. Never waits: an agent without a turn names none as the cause of what it does."""
    store.write(directory, table.settle(broker_name(agent), now_ms))


def current(directory: Directory, agent: str) -> int | None:
    """The number of the turn that the agent is in, by the database; None between turns."""
    return store.read(directory, table.current(broker_name(agent)))
