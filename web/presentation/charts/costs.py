"""What each agent cost on each day. Pure."""

from collections.abc import Mapping, Sequence

from harness.wire.names import HIVE_WIDE
from web.presentation.charts.chart import Chart, ChartLine

DAY_MS = 24 * 3_600_000
OTHERS = "others"


def chart(costs: Mapping[str, Sequence[Sequence[float]]], now_ms: int, days: int) -> Chart:
    """A line for each agent, the dearest first, over the last `days` days (UTC), today included."""
    first = now_ms // DAY_MS - days + 1
    times = [(first + number) * DAY_MS / 1000 for number in range(days)]
    lines = []
    for name, rows in costs.items():
        by_day = {int(day) // DAY_MS: dollars for day, dollars, _ in rows}
        values: list[float | None] = [by_day.get(first + number, 0.0) for number in range(days)]
        lines.append(ChartLine(OTHERS if name == HIVE_WIDE else name, values))
    return Chart("costs", f"cost per agent and day, {days} days", "$", times, lines, by_day=True)
