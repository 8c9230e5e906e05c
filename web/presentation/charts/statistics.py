"""The charts of a window of time. Pure.

Telemetry has one point for each turn (`turns`, `turn_duration_ms`, `tool.<name>`, …) and, for the whole hive, one for
each change of the approval queue. A span without a point has the value 0 in a count, and no value in a measurement.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import quantiles
from typing import Any

from harness.wire.names import HIVE_WIDE
from harness.wire.times import from_ms
from web.presentation.charts import silence
from web.presentation.charts.chart import Chart, ChartLine, Values
from web.presentation.charts.spans import SPANS, Gather, Points, Spans, last

WINDOWS = {"1": "hour", "6": "6 hours", "24": "day", "168": "week"}
"""Hours → the name of that window."""
MAX_TOOLS = 10
MAX_AGENTS = 6
"""Lines in a chart that has one line for each agent; a reader cannot tell more apart."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """The charts of one window of time, for one agent or for all."""

    charts: list[Chart] = field(default_factory=list)
    tools: list[tuple[str, int]] = field(default_factory=list)
    """The tools used most, with the number of their calls."""


def statistics(
    series: Mapping[str, Any],
    since_ms: int,
    now_ms: int,
    *,
    last_turns: Mapping[str, int] | None = None,
    pending: int | None = None,
    resolved: Points | None = None,
) -> Statistics:
    """Every chart that has something to draw, from `since_ms` to `now_ms`.

    `last_turns`: when the last turn of each agent ended, ms. `pending`: how many approvals wait now. `resolved`: for
    each approval the moment of its outcome (ms), and the ms from the proposal to it.
    """
    window = _Window(series, since_ms, max(1, (now_ms - since_ms) // SPANS))
    charts = [
        window.chart("turns", "turns per minute", "", window.turn_rate()),
        window.chart("tools", "tools per turn", "", window.measured("tool_calls", mean=_mean)),
        window.chart(
            "duration",
            "duration of a turn",
            "s",
            window.measured("turn_duration_ms", 1000, p50=_percentile(50), p95=_percentile(95)),
        ),
        window.chart("outcomes", "outcome of turns", "", window.counted("outcome.", ("ok", "failed"))),
        window.chart(
            "inbox", "inbox depth when a turn begins", "", window.measured("inbox_depth", last=last, highest=max)
        ),
        window.chart("sent", "sent to", "", window.counted("sent.")),
        window.chart("received", "received from", "", window.counted("received.")),
        window.silence(last_turns or {}, now_ms),
        window.chart("notes", "size of the notes", "KiB", window.notes()),
        window.chart("approvals", "pending approvals", "", window.approvals(pending)),
        window.chart("resolved", "from proposal to outcome", "min", window.resolved(resolved or [])),
    ]
    return Statistics([chart for chart in charts if not chart.empty], window.tools())


class _Window:
    """The series of one window of time; each method gives the lines of one kind of chart."""

    def __init__(self, series: Mapping[str, Any], since_ms: int, span_ms: int) -> None:
        self._spans = Spans(since_ms, span_ms)
        self._minutes = span_ms / 60_000
        self._agents = {name: _read(keys) for name, keys in series.items() if name != HIVE_WIDE}
        self._merged = _merge(self._agents.values())
        self._hive = _read(series.get(HIVE_WIDE, {}))
        self._times = [(since_ms + (index + 0.5) * span_ms) / 1000 for index in range(SPANS)]

    def chart(self, key: str, title: str, unit: str, lines: Mapping[str, Values]) -> Chart:
        return Chart(key, title, unit, self._times, [ChartLine(name, values) for name, values in lines.items()])

    def turn_rate(self) -> dict[str, Values]:
        """Turns per minute."""
        points = self._merged.get("turns", [])
        return {"turns": self._spans.gather(points, lambda values: sum(values) / self._minutes, none=0.0)}

    def counted(self, prefix: str, always: Sequence[str] = ()) -> dict[str, Values]:
        """The sums of each series below `prefix`; those named in `always` come first, even without a point."""
        found = sorted(key.removeprefix(prefix) for key in self._merged if key.startswith(prefix))
        return {
            name: self._spans.gather(self._merged.get(prefix + name, []), sum, none=0.0)
            for name in dict.fromkeys([*always, *found])
        }

    def measured(self, key: str, divisor: float = 1.0, **gathers: Gather) -> dict[str, Values]:
        """One series in a larger unit, with one line for each way to gather its points."""
        points = [(at, value / divisor) for at, value in self._merged.get(key, [])]
        return {name: self._spans.gather(points, gather) for name, gather in gathers.items()}

    def notes(self) -> dict[str, Values]:
        """The size of each agent's notes in KiB, for the first MAX_AGENTS agents by name."""
        sizes = {name: keys["notes_bytes"] for name, keys in self._agents.items() if keys.get("notes_bytes")}
        return {name: self._spans.carry(sizes[name], 1024) for name in sorted(sizes)[:MAX_AGENTS]}

    def silence(self, last_turns: Mapping[str, int], now_ms: int) -> Chart:
        """The time since the last turn, of the agents that have been silent for longest; it grows while it is read."""
        turns = {name: [at for at, _ in keys.get("turns", [])] for name, keys in self._agents.items()}
        longest = sorted(last_turns, key=lambda name: (last_turns[name], name))[:MAX_AGENTS]
        lines = {name: silence.minutes(turns.get(name, []), last_turns[name], self._times, now_ms) for name in longest}
        since = {name: from_ms(last_turns[name]) for name in longest}
        return replace(self.chart("silence", "time since the last turn", "min", lines), since=since)

    def approvals(self, pending: int | None) -> dict[str, Values]:
        """The length of the approval queue. Without a change in the window it was all the time what it is now."""
        points = self._hive.get("approvals_pending", [])
        if not points and pending:
            return {"pending": [float(pending)] * SPANS}
        return {"pending": self._spans.carry(points, 1)}

    def resolved(self, points: Points) -> dict[str, Values]:
        """How long approvals took from the proposal to their outcome, in minutes."""
        minutes = [(at, took / 60_000) for at, took in points]
        return {"median": self._spans.gather(minutes, _percentile(50)), "longest": self._spans.gather(minutes, max)}

    def tools(self) -> list[tuple[str, int]]:
        """The tools used most, the most used first, with the number of their calls."""
        counts = {
            key.removeprefix("tool.").removeprefix("mcp__hive__"): round(sum(value for _, value in points))
            for key, points in self._merged.items()
            if key.startswith("tool.")
        }
        used = [(name, count) for name, count in counts.items() if count]
        return sorted(used, key=lambda pair: (-pair[1], pair[0]))[:MAX_TOOLS]


def _read(keys: Mapping[str, Any]) -> dict[str, Points]:
    return {key: [(float(at), float(value)) for at, value in points] for key, points in keys.items()}


def _merge(agents: Iterable[Mapping[str, Points]]) -> dict[str, Points]:
    merged: dict[str, Points] = {}
    for keys in agents:
        for key, points in keys.items():
            merged.setdefault(key, []).extend(points)
    return {key: sorted(points) for key, points in merged.items()}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _percentile(percent: int) -> Gather:
    def gather(values: Sequence[float]) -> float:
        return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]

    return gather
