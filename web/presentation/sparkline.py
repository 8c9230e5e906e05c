"""How busy an agent was in the last hour, as the bars of a sparkline. Pure."""

from collections.abc import Iterable

from harness.wire import times
from harness.wire.operator_rows import TurnRow

BUCKETS = 12
BUCKET_MS = 5 * 60 * 1000
HEIGHT = 14


def busy_shares(turns: Iterable[TurnRow], now_ms: int) -> list[float]:
    """The share of each five minutes that the agent spent in turns, oldest first."""
    start = now_ms - BUCKETS * BUCKET_MS
    shares = [0.0] * BUCKETS
    for turn in turns:
        try:
            began, ended = times.to_ms(str(turn.stats["started_at"])), times.to_ms(str(turn.stats["ended_at"]))
        except (KeyError, ValueError):
            continue
        for index in range(BUCKETS):
            low = start + index * BUCKET_MS
            overlap = min(ended, low + BUCKET_MS) - max(began, low)
            shares[index] += max(0, overlap) / BUCKET_MS
    return [min(1.0, share) for share in shares]


def heights(shares: list[float]) -> list[int]:
    """Bar heights in pixels, at most HEIGHT; a share above zero has at least two, so that it is visible."""
    return [0 if share <= 0 else max(2, round(share * HEIGHT)) for share in shares]
