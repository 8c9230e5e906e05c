"""Sums over the files of a review, and short lists of their paths. Pure."""

from collections.abc import Iterable

from harness.wire.review import FileChange

PLACES = {"notes": "state/"}
"""What the path of a file is below, by its source."""


def added(files: Iterable[FileChange]) -> int:
    """The lines that are added in all of these files."""
    return sum(file.added for file in files)


def removed(files: Iterable[FileChange]) -> int:
    """The lines that are removed in all of these files."""
    return sum(file.removed for file in files)


def path(file: FileChange) -> str:
    """The path of a file, notes below the folder where the agent finds them."""
    return PLACES.get(file.source, "") + file.path


def brief(paths: Iterable[str], limit: int = 2) -> str:
    """The first `limit` paths, and how many more there are."""
    names = list(paths)
    more = f" +{len(names) - limit}" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
