"""How much one client may do in a minute: a token bucket for each kind of thing. Pure; the clock is an argument.

A bucket holds what a minute allows, so that a burst of a whole minute passes. A request that costs more than a bucket
holds passes when the bucket is full, and leaves a debt that the next ones wait for.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from harness.wire.agent_config import Limits
from harness.wire.errors import ErrorCode, HiveError


@dataclass(frozen=True, slots=True)
class Rates:
    """What a minute allows. Mail to oneself counts, and each copy of a broadcast; `bytes` are those of all requests."""

    events_per_minute: int = 60_000
    messages_per_minute: int = 12_000
    questions_per_minute: int = 600
    reminders_per_minute: int = 600
    bytes_per_minute: int = 512 * 1024 * 1024

    def with_limits(self, limits: Limits) -> "Rates":
        """These, with what the agent's own configuration says instead."""
        own = limits.model_dump(include=set(asdict(self)), exclude_none=True)
        return Rates(**{**asdict(self), **own})


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left at a moment of the monotonic clock, in seconds. Below 0 it is a debt."""

    tokens: float
    at: float


Buckets = Mapping[str, Bucket]
"""By the name of the rate; one that is missing is full."""


def take(buckets: Buckets, costs: Mapping[str, int], rates: Rates, now: float) -> dict[str, Bucket]:
    """The buckets after a request with these costs. Raises `rate_limited`, and then nothing is taken."""
    taken = dict(buckets)
    for kind, cost in costs.items():
        allowed: int = getattr(rates, kind)
        tokens = _tokens(buckets, kind, allowed, now)
        missing = min(cost, allowed) - tokens
        if missing > 0:
            raise _refusal(kind, allowed, missing * 60 / allowed)
        taken[kind] = Bucket(tokens - cost, now)
    return taken


def charge(buckets: Buckets, kind: str, cost: int, rates: Rates, now: float) -> dict[str, Bucket]:
    """The buckets after something that was found to cost more than it seemed; the next requests wait for it."""
    return {**buckets, kind: Bucket(_tokens(buckets, kind, getattr(rates, kind), now) - cost, now)}


def _tokens(buckets: Buckets, kind: str, allowed: int, now: float) -> float:
    bucket = buckets.get(kind)
    return float(allowed) if bucket is None else min(float(allowed), bucket.tokens + (now - bucket.at) * allowed / 60)


def _refusal(kind: str, allowed: int, seconds: float) -> HiveError:
    what = kind.removesuffix("_per_minute")
    return HiveError(
        ErrorCode.RATE_LIMITED,
        f"that is more than {allowed} {what} a minute",
        f"send less, or wait; {kind} in [limits] of the configuration says how much is allowed",
        retry_after_seconds=round(max(seconds, 0.1), 1),
    )


def as_frame(rates: Rates) -> dict[str, Any]:
    """For `whoami`."""
    return asdict(rates)
