"""Names that somebody may have meant, for the hint of an error. Pure."""

import difflib
from collections.abc import Iterable

MOST = 3


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """`did you mean 'alice' or 'alina'?`; None where no name is near."""
    close = difflib.get_close_matches(name, list(known), n=MOST)
    return f"did you mean {' or '.join(repr(one) for one in close)}?" if close else None
