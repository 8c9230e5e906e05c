"""Waiting for the end of a usage limit: the agent has no container until then. Pure.

Times are milliseconds UTC. The end of the limit comes from the agent's harness, which is not trusted. The wait is
measured in elapsed time as well, so that a clock that is set back does not lengthen it.
"""

from zlib import crc32

from actors.agent.container.harness_status import HarnessStatus
from harness.wire import names
from harness.wire.times import from_ms, to_ms

UNKNOWN_SECONDS = 1800
"""How long a limit is taken to last whose end is not known."""

LONGEST_SECONDS = 8 * 24 * 3600
"""No provider's limit lasts longer than a week; an agent cannot put itself to sleep for good."""

SPREAD_SECONDS = 30
"""The agents of one account would all come back in the same second: they return within this time, the manager first."""

CHECK_SECONDS = 60.0
"""The longest single timer: a suspended machine, or a clock that was set, is noticed after this at the latest."""


def end_ms(agent: str, reported: str | None, *, now_ms: int) -> int:
    """When the wait of this agent ends, from the end of the limit as its harness reported it."""
    reported_ms = now_ms + UNKNOWN_SECONDS * 1000 if reported is None else to_ms(reported)
    spread = 0 if agent == names.MANAGER_CONTAINER else 1 + crc32(agent.encode()) % SPREAD_SECONDS
    return min(max(reported_ms, now_ms) + 1000 * (1 + spread), now_ms + LONGEST_SECONDS * 1000)


def lasts(until_ms: int | None, *, now_ms: int) -> bool:
    """Whether a wait until then still lasts."""
    return until_ms is not None and now_ms < until_ms


def seconds_to_check(until_ms: int, over_at: float, *, now_ms: int, elapsed: float) -> float:
    """How long to wait before the clocks are looked at again; 0 when the wait is over.

    It is over when either clock says so: `over_at` is its end in elapsed time, in seconds. A try that comes too early
    meets the limit again, and one that never comes costs an agent.
    """
    return min(CHECK_SECONDS, max(0.0, min((until_ms - now_ms) / 1000, over_at - elapsed)))


def status(until_ms: int) -> HarnessStatus:
    """What the row shows meanwhile: the status that a waiting harness would report."""
    return HarnessStatus(rate_limited_until=from_ms(until_ms))


def note(agent: str, until_ms: int) -> str:
    """What the row says."""
    name = names.broker_name(agent)
    return f"its account's usage limit is used up; it comes back at {from_ms(until_ms)}, `hive start {name}` tries now"
