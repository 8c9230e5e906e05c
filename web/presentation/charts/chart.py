"""A chart: lines over the same times, for the script that draws them and for the table that says the same. Pure."""

from dataclasses import dataclass, field
from typing import Any

from harness.wire.times import from_ms

Values = list[float | None]


@dataclass(frozen=True, slots=True)
class ChartLine:
    """One line of a chart, with one value for each of the chart's times."""

    name: str
    values: Values


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart; `times` are seconds UTC: the middle of each span, or a day's first second with `by_day`."""

    key: str
    title: str
    unit: str
    times: list[float]
    lines: list[ChartLine]
    by_day: bool = False
    since: dict[str, str] = field(default_factory=dict)
    """For lines that grow by themselves: the moment from which the present value counts."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for line in self.lines for value in line.values)

    def data(self) -> dict[str, Any]:
        """The chart as the script of the page draws it."""
        return {
            "unit": self.unit,
            "byDay": self.by_day,
            "names": [line.name for line in self.lines],
            "data": [self.times, *(line.values for line in self.lines)],
        }

    def table(self) -> list[tuple[str, list[float | None]]]:
        """The times at which any line has a value other than 0, as moments of the wire, each with its values."""
        columns = zip(*(line.values for line in self.lines), strict=True)
        rows = [(from_ms(round(at * 1000)), list(values)) for at, values in zip(self.times, columns, strict=True)]
        return [row for row in rows if any(row[1])]
