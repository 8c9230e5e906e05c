"""Points of a series gathered into equal spans of time, one value a span. Pure."""

from collections.abc import Callable, Sequence

from web.presentation.charts.chart import Values

SPANS = 60
Points = list[tuple[float, float]]
Gather = Callable[[Sequence[float]], float | None]


class Spans:
    """SPANS equal spans of time, from `since_ms` on."""

    def __init__(self, since_ms: int, span_ms: int) -> None:
        self._since_ms, self._span_ms = since_ms, span_ms

    def gather(self, points: Points, gather: Gather, none: float | None = None) -> Values:
        """One value for each span, from all points in it; `none` where there is no point."""
        spans: list[list[float]] = [[] for _ in range(SPANS)]
        for at, value in points:
            index = self._index(at)
            if 0 <= index < SPANS:
                spans[index].append(value)
        return [gather(values) if values else none for values in spans]

    def carry(self, points: Points, divisor: float) -> Values:
        """The value in force at the end of each span, for series that have a point at each change."""
        ends = self.gather([(at, value / divisor) for at, value in points], last)
        known: float | None = None
        carried = []
        for value in ends:
            known = value if value is not None else known
            carried.append(known)
        return carried

    def _index(self, at: float) -> int:
        index = int((at - self._since_ms) // self._span_ms)
        # A point of this very moment belongs to the last span.
        return SPANS - 1 if index == SPANS else index


def last(values: Sequence[float]) -> float:
    """The newest value."""
    return values[-1]
