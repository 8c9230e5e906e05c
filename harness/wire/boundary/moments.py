"""A moment as a person writes it: a day, a time, or an age. Pure."""

import re
from datetime import UTC, datetime, timedelta

HINT = "a day (2026-03-31), a time (2026-03-31T14:05, UTC) or an age (90m 3h 2d 1w)"

_SHAPES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ")
_AGES = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment_ms(text: str, now_ms: int) -> int:
    """Milliseconds UTC of such a moment; ValueError, with a sentence, for any other text. Before 1970 is 1970."""
    if age := re.fullmatch(r"([0-9]{1,6})([mhdw])", text):
        try:
            back = timedelta(**{_AGES[age[2]]: int(age[1])})
        except OverflowError:
            back = timedelta.max
        return max(0, now_ms - back // timedelta(milliseconds=1))
    for shape in _SHAPES:
        try:
            at = datetime.strptime(text, shape).replace(tzinfo=UTC)
        except ValueError:
            continue
        return max(0, int(at.timestamp() * 1000))
    raise ValueError(f"a moment is {HINT}, not {text[:40]!r}")
