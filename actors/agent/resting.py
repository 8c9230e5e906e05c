"""A rest: an account's usage limit is used up, so the agent has no container until the limit is over. Pure.

Times are milliseconds UTC. When a limit ends was told by the agent's harness, which is not to be trusted.
"""

from zlib import crc32

from actors.agent.hearing import Heard
from harness.wire import names
from harness.wire.times import from_ms, to_ms

UNTOLD_SECONDS = 1800
"""How long a limit is taken to last whose end is not known."""

LONGEST_SECONDS = 8 * 24 * 3600
"""No provider's limit lasts longer than a week; an agent can not send itself to sleep for good."""

SPREAD_SECONDS = 30
"""The agents of an account would all come back in the same second: they do within this time, the manager first."""

NAP_SECONDS = 600.0
"""The longest single timer: a machine that was suspended, or whose clock was set, notices after this at the latest."""


def end_ms(agent: str, told: str | None, *, now_ms: int) -> int:
    """When the rest of this agent ends, from the end of the limit as it was told."""
    told_ms = now_ms + UNTOLD_SECONDS * 1000 if told is None else to_ms(told)
    spread = 0 if agent == names.MANAGER_CONTAINER else 1 + crc32(agent.encode()) % SPREAD_SECONDS
    return min(max(told_ms, now_ms) + 1000 * (1 + spread), now_ms + LONGEST_SECONDS * 1000)


def is_on(until_ms: int | None, *, now_ms: int) -> bool:
    """Whether a rest until then still lasts."""
    return until_ms is not None and now_ms < until_ms


def nap_seconds(until_ms: int, *, now_ms: int) -> float:
    """How long to sleep before looking at the clock again."""
    return min(NAP_SECONDS, max(0.0, (until_ms - now_ms) / 1000))


def heard(until_ms: int) -> Heard:
    """What a row shows of it: what a harness would say that waits for it."""
    return Heard(rate_limited_until=from_ms(until_ms))


def note(agent: str, until_ms: int) -> str:
    """What the row says."""
    name = names.broker_name(agent)
    return f"its account's usage limit is used up; it comes back at {from_ms(until_ms)}, `hive start {name}` tries now"
