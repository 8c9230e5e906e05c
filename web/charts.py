"""From telemetry's series to what is drawn: points gathered into equal spans of time, one value a span. Pure.

Telemetry has a point a turn (`turns`, `turn_duration_ms`, `tool.<name>`, …) and, for the whole hive, one each time the
queue of approvals changes. A span in which nothing happened has no value where something is measured, and 0 where
something is counted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

from harness.wire.names import HIVE_WIDE

SPANS = 60
WINDOWS = {"1": "hour", "6": "6 hours", "24": "day", "168": "week"}
"""Hours → what that window is called."""
TOOLS = 10
AGENTS = 6
"""Lines in a chart that has one for each agent; more can not be told apart."""

Points = list[tuple[float, float]]
Gather = Callable[[Sequence[float]], float | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart; `values` belong to the times of the chart."""

    name: str
    values: list[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """`times` are seconds UTC, the middle of each span."""

    key: str
    title: str
    unit: str
    times: list[float]
    lines: list[Line]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for line in self.lines for value in line.values)

    def data(self) -> dict[str, Any]:
        """What the page's script draws."""
        return {
            "unit": self.unit,
            "names": [line.name for line in self.lines],
            "data": [self.times, *(line.values for line in self.lines)],
        }


@dataclass(frozen=True, slots=True)
class Figures:
    """A window of one agent, or of all."""

    charts: list[Chart] = field(default_factory=list)
    tools: list[tuple[str, int]] = field(default_factory=list)
    """The tools used most, with how often."""


def figures(series: Mapping[str, Any], since_ms: int, now_ms: int) -> Figures:
    """Everything the page draws, from `since_ms` to `now_ms`."""
    width = max(1, (now_ms - since_ms) // SPANS)
    spans = _Spans(since_ms, width)
    agents = {name: _read(keys) for name, keys in series.items() if name != HIVE_WIDE}
    merged = _merge(agents.values())
    queue = _read(series.get(HIVE_WIDE, {})).get("approvals_pending")
    times = [(since_ms + (index + 0.5) * width) / 1000 for index in range(SPANS)]

    def chart(key: str, title: str, unit: str, lines: Mapping[str, list[float | None]]) -> Chart:
        return Chart(key, title, unit, times, [Line(name, values) for name, values in lines.items()])

    def counted(prefix: str, names: Sequence[str] = ()) -> dict[str, list[float | None]]:
        found = sorted(key.removeprefix(prefix) for key in merged if key.startswith(prefix))
        return {
            name: spans.gather(merged.get(prefix + name, []), sum, none=0.0)
            for name in [*names, *(set(found) - {*names})]
        }

    def measured(key: str, by: float = 1.0, **gathers: Gather) -> dict[str, list[float | None]]:
        points = [(at, value / by) for at, value in merged.get(key, [])]
        return {name: spans.gather(points, gather) for name, gather in gathers.items()}

    minutes = width / 60_000
    turns = spans.gather(merged.get("turns", []), lambda values: sum(values) / minutes, none=0.0)
    notes = {name: keys["notes_bytes"] for name, keys in agents.items() if keys.get("notes_bytes")}
    charts = [
        chart("turns", "turns per minute", "", {"turns": turns}),
        chart("tools", "tools per turn", "", measured("tool_calls", mean=_mean)),
        chart("duration", "a turn takes", "s", measured("turn_duration_ms", 1000, p50=_part(50), p95=_part(95))),
        chart("outcomes", "how turns ended", "", counted("outcome.", ("ok", "failed"))),
        chart("inbox", "inbox depth when a turn begins", "", measured("inbox_depth", last=_last, highest=max)),
        chart("sent", "sent to", "", counted("sent.")),
        chart("received", "received from", "", counted("received.")),
        chart("pause", "time since the turn before", "s", measured("since_last_turn_ms", 1000, mean=_mean)),
        chart(
            "notes",
            "size of the notes",
            "KiB",
            {name: spans.carry(notes[name], 1024) for name in sorted(notes)[:AGENTS]},
        ),
    ]
    if queue is not None:
        charts.append(chart("approvals", "approvals that wait", "", {"pending": spans.carry(queue, 1)}))
    return Figures([one for one in charts if not one.empty], _tools(merged))


class _Spans:
    """SPANS equal spans of time from `since_ms` on."""

    def __init__(self, since_ms: int, width: int) -> None:
        self._since, self._width = since_ms, width

    def gather(self, points: Points, gather: Gather, none: float | None = None) -> list[float | None]:
        """One value a span, from all points in it; `none` where there is no point."""
        spans: list[list[float]] = [[] for _ in range(SPANS)]
        for at, value in points:
            index = self._index(at)
            if 0 <= index < SPANS:
                spans[index].append(value)
        return [gather(values) if values else none for values in spans]

    def carry(self, points: Points, by: float) -> list[float | None]:
        """The last value known at the end of each span: for what stays as it is until it changes."""
        ends = self.gather([(at, value / by) for at, value in points], _last)
        known: float | None = None
        carried = []
        for value in ends:
            known = value if value is not None else known
            carried.append(known)
        return carried

    def _index(self, at: float) -> int:
        index = int((at - self._since) // self._width)
        # What is of this very moment belongs to the last span.
        return SPANS - 1 if index == SPANS else index


def _read(keys: Mapping[str, Any]) -> dict[str, Points]:
    return {key: [(float(at), float(value)) for at, value in points] for key, points in keys.items()}


def _merge(agents: Any) -> dict[str, Points]:
    merged: dict[str, Points] = {}
    for keys in agents:
        for key, points in keys.items():
            merged.setdefault(key, []).extend(points)
    return {key: sorted(points) for key, points in merged.items()}


def _tools(merged: Mapping[str, Points]) -> list[tuple[str, int]]:
    counts = {
        key.removeprefix("tool.").removeprefix("mcp__hive__"): round(sum(value for _, value in points))
        for key, points in merged.items()
        if key.startswith("tool.")
    }
    used = [(name, count) for name, count in counts.items() if count]
    return sorted(used, key=lambda pair: (-pair[1], pair[0]))[:TOOLS]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _last(values: Sequence[float]) -> float:
    return values[-1]


def _part(percent: int) -> Gather:
    def gather(values: Sequence[float]) -> float:
        return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]

    return gather
