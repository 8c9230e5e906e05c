"""Times on the wire: RFC 3339 UTC strings with milliseconds. Inside the daemon: integer milliseconds UTC."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator


def from_ms(ms: int) -> str:
    """`1700000000000` → `2023-11-14T22:13:20.000Z`."""
    seconds, millis = divmod(ms, 1000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{millis:03d}Z"


def to_ms(text: str) -> int:
    """Milliseconds UTC of an RFC 3339 string; raises ValueError without an offset or when it is no time."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; end it with Z")
    return round(moment.timestamp() * 1000)


def _check(text: str) -> str:
    return from_ms(to_ms(text))


Timestamp = Annotated[str, AfterValidator(_check)]
"""An RFC 3339 UTC string with milliseconds; other offsets are accepted and converted."""
