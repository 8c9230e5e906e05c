"""How long the operator takes from need to decision. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WINDOW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Latency:
    """Of the decisions of the last WINDOW_DAYS days: how many, and two percentiles in ms; None without a decision."""

    count: int
    median_ms: int | None
    p90_ms: int | None


def latency(durations: Sequence[int]) -> Latency:
    """The figures of durations that are in order of length."""
    return Latency(len(durations), _percentile(durations, 50), _percentile(durations, 90))


def _percentile(ordered: Sequence[int], percent: int) -> int | None:
    """The nearest-rank percentile: a duration that was measured, never one in between."""
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)] if ordered else None
