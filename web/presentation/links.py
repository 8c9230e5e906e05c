"""Links in text that an agent wrote: only http and https can be clicked. Pure."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text; `href` is set when the stretch is a link."""

    text: str
    href: str | None = None


_LINK = re.compile(r"https?://[^\s<>\"'`\\^{}|]+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}…"


def segments(text: str) -> list[Segment]:
    """`text` cut at its http and https links; no other scheme becomes a link, and no letter is lost."""
    found: list[Segment] = []
    at = 0
    for match in _LINK.finditer(text):
        url = match.group().rstrip(_TRAILING)
        if len(url) <= len("https://"):
            continue
        if match.start() > at:
            found.append(Segment(text[at : match.start()]))
        found.append(Segment(url, url))
        at = match.start() + len(url)
    if at < len(text):
        found.append(Segment(text[at:]))
    return found


def safe_href(url: str | None) -> str | None:
    """`url` when it is http(s), else None."""
    return url if url and _LINK.fullmatch(url) else None
