"""How long an agent has had no turn, at each time of a chart. Pure."""

from bisect import bisect_right
from collections.abc import Sequence

from web.presentation.charts.chart import Values


def minutes(ends_ms: Sequence[float], last_ms: float, times: Sequence[float], now_ms: int) -> Values:
    """At each of `times` (seconds UTC) the minutes since the turn that ended last before; the last value is of now.

    `ends_ms` are the ends of turns in the window, `last_ms` that of the last turn at all. None where nothing is known.
    """
    ends = sorted({*ends_ms, last_ms})
    moments = [*(at * 1000 for at in times[:-1]), now_ms]
    found: Values = []
    for moment in moments:
        before = bisect_right(ends, moment)
        found.append(round((moment - ends[before - 1]) / 60_000, 2) if before else None)
    return found
