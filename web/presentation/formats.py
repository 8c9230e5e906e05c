"""Figures and times as short text. Pure."""

import re

from harness.wire import times

UNKNOWN = "—"
MINUTE, HOUR, DAY = 60, 3600, 86_400


def ago(at: str | int | None, now_ms: int) -> str:
    """The age of a moment in its largest unit: `now`, `12s`, `4m`, `3h`, `2d`; a dash when it is not known."""
    if at is None:
        return UNKNOWN
    seconds = max(0, (now_ms - (times.to_ms(at) if isinstance(at, str) else at)) // 1000)
    return "now" if seconds < 1 else coarse(seconds)


def absolute(at: str | int | None) -> str:
    """A moment to the second, `2026-03-31 14:03:22 UTC`; a dash when it is not known."""
    if at is None:
        return UNKNOWN
    text = times.from_ms(at) if isinstance(at, int) else at
    return f"{text[:10]} {text[11:19]} UTC"


def coarse(seconds: float) -> str:
    """A duration in its largest whole unit."""
    whole = int(seconds)
    for size, unit in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if whole >= size:
            return f"{whole // size}{unit}"
    return f"{whole}s"


def clock(seconds: float) -> str:
    """A running time: `0:07`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(int(max(0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def until(at: str | None, now_ms: int) -> str:
    """The time left until a moment, `04:12` or `1:02:03`, never below zero; a dash when there is none."""
    if at is None:
        return UNKNOWN
    minutes, seconds = divmod(max(0, times.to_ms(at) - now_ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


def within(at: str, now_ms: int) -> str:
    """When a moment comes, in its largest unit: `in 4m`; `due` when it has come."""
    seconds = (times.to_ms(at) - now_ms) // 1000
    return f"in {coarse(seconds)}" if seconds > 0 else "due"


def duration_ms(ms: float | None) -> str:
    """A measured duration: `70 ms`, `1.4 s`, `18 s`, `3m`."""
    if ms is None:
        return UNKNOWN
    if ms < 1000:
        return f"{ms:.0f} ms"
    if ms < 10_000:
        return f"{ms / 1000:.1f} s"
    return f"{ms / 1000:.0f} s" if ms < 120_000 else coarse(ms / 1000)


def dated(at: str | None, now_ms: int) -> str:
    """A moment in UTC as `HH:MM:SS`, with month and day when it is not of today; a dash when it is not known."""
    if at is None:
        return UNKNOWN
    return at[11:19] if at[:10] == times.from_ms(now_ms)[:10] else f"{at[5:10]} {at[11:19]}"


def money(dollars: float | None) -> str:
    """US dollars; a sum below one cent has four decimals."""
    if dollars is None:
        return UNKNOWN
    return f"${dollars:.2f}" if dollars >= 0.01 or dollars == 0 else f"${dollars:.4f}"


def tokens(count: float | None) -> str:
    """`950`, `12k`, `1.2M`."""
    if count is None:
        return UNKNOWN
    if count < 1000:
        return f"{count:.0f}"
    return f"{count / 1000:.0f}k" if count < 999_500 else f"{count / 1e6:.1f}M"


def figure(value: float) -> str:
    """A measured figure with two or three significant digits."""
    if value >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.2g}" if value < 10 else f"{value:.1f}"


def size(count: float | None) -> str:
    """Bytes in binary units."""
    if count is None:
        return UNKNOWN
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


def model(name: str | None) -> str:
    """A model's short name: `claude-opus-4-1-20250805` → `opus 4.1`; an alias stays as it is."""
    if name is None:
        return UNKNOWN
    full = re.fullmatch(r"claude-(\w+?)-(\d+)(?:-(\d{1,2}))?(?:-\d{8})?", name)
    if full is None:
        return name
    family, major, minor = full.groups()
    return f"{family} {major}.{minor}" if minor else f"{family} {major}"


def first_line(text: str, limit: int = 120) -> str:
    """The first line that is not blank, cut to `limit` characters."""
    line = next((stripped for line in text.splitlines() if (stripped := line.strip())), "")
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
