"""The files of a review as a page shows them: sums, short lists of paths, and the characters that hide. Pure."""

import re
from collections.abc import Iterable, Sequence

from harness.wire.review import FileChange

_HIDDEN = re.compile(r"(\\u\{[0-9a-f]{1,6}\})")
"""A character that would hide or act, as the daemon writes it."""

PLACES = {"notes": "state/"}
"""What the path of a file is below, by its source."""


def added(files: Iterable[FileChange]) -> int:
    return sum(file.added for file in files)


def removed(files: Iterable[FileChange]) -> int:
    return sum(file.removed for file in files)


def path(file: FileChange) -> str:
    """The path of a file, notes below the folder where the agent finds them."""
    return PLACES.get(file.source, "") + file.path


def brief(paths: Iterable[str], limit: int = 2) -> str:
    """The first `limit` paths, and how many more there are."""
    names = list(paths)
    more = f" +{len(names) - limit}" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def pieces(text: str) -> Sequence[tuple[bool, str]]:
    """The text in pieces, each with whether it stands for a character that would not show."""
    return [(bool(number % 2), piece) for number, piece in enumerate(_HIDDEN.split(text)) if piece]


def marked(text: str) -> list[tuple[str, str]]:
    """The lines of a part, each with the mark it begins with."""
    return [(line[:1], line[1:]) for line in text.removesuffix("\n").split("\n")] if text else []
