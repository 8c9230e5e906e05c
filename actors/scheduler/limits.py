"""How many reminders an agent may set, and how fast: a cap on the pending ones and a token bucket. Pure."""

from dataclasses import dataclass

from harness.wire.errors import ErrorCode, HiveError


@dataclass(frozen=True, slots=True)
class Limits:
    """`pending` at the same time; `burst` at once, refilled with `per_minute`."""

    pending: int = 200
    burst: int = 20
    per_minute: float = 10.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """The tokens of an agent at a moment of the monotonic clock, in seconds."""

    tokens: float
    at: float


def full(limits: Limits, now: float) -> Bucket:
    """The bucket of an agent that has set no reminder lately."""
    return Bucket(float(limits.burst), now)


def take(bucket: Bucket, limits: Limits, now: float, pending: int, next_due_seconds: float | None) -> Bucket:
    """The bucket after one more reminder. Raises `rate_limited` with the seconds after which the next may pass.

    `pending` is how many are pending already, `next_due_seconds` the time until the first of them is due.
    """
    if pending >= limits.pending:
        raise HiveError(
            ErrorCode.RATE_LIMITED,
            f"{pending} reminders wait already, {limits.pending} may",
            "cancel some, or try when one has been delivered",
            retry_after_seconds=round(max(next_due_seconds or 0.0, 1.0), 1),
        )
    per_second = limits.per_minute / 60
    tokens = min(float(limits.burst), bucket.tokens + (now - bucket.at) * per_second)
    if tokens < 1:
        raise HiveError(
            ErrorCode.RATE_LIMITED,
            f"that is more than {limits.burst} reminders at once",
            "set fewer, further apart",
            retry_after_seconds=round((1 - tokens) / per_second, 1),
        )
    return Bucket(tokens - 1, now)
