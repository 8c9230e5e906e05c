"""Times on the wire: RFC 3339 UTC strings with milliseconds. Inside the daemon: integer milliseconds UTC."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator

LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999. The hive's time begins in 1970."""


def from_ms(ms: int) -> str:
    """`1700000000000` → `2023-11-14T22:13:20.000Z`. A moment outside 1970 to 9999 shows as the nearest one inside."""
    seconds, millis = divmod(min(max(ms, 0), LATEST_MS), 1000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{millis:03d}Z"


def to_ms(text: str) -> int:
    """Milliseconds UTC of an RFC 3339 string.

    Raises ValueError without an offset, when it is no time, and for a year outside 1970 to 9999.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; end it with Z")
    ms = round(moment.timestamp() * 1000)
    if not 0 <= ms <= LATEST_MS:
        raise ValueError(f"{text!r} is outside the years 1970 to 9999")
    return ms


def _check(text: str) -> str:
    return from_ms(to_ms(text))


Timestamp = Annotated[str, AfterValidator(_check)]
"""An RFC 3339 UTC string with milliseconds; other offsets are accepted and converted."""
