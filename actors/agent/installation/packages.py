"""Which files and folders hive and the packages that it needs consist of, read from what pip has noted of them.

A folder of packages can hold those of other programs too: a user's own folder, or the one of a Python that is used for
everything. What hive needs is named by its own metadata, and by that of each package it needs.
"""

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

DISTRIBUTION = "hyperhive"
NAME = re.compile(r"\s*([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?")
EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


def installed_packages(path: Sequence[str]) -> tuple[Path, ...]:
    """Everything below the folders of `path` that belongs to a package hive needs, and the metadata of each.

    What is not installed is left out: whether a requirement is for this machine is not decided here. Empty where hive
    is not installed at all.
    """
    return tuple(dict.fromkeys(one for needed in _needed(path) for one in _entries(needed)))


def _needed(path: Sequence[str]) -> Iterator[Distribution]:
    by_name: dict[str, Distribution] = {}
    for found in Distribution.discover(path=list(path)):
        by_name.setdefault(_plain(found.metadata["Name"] or ""), found)
    seen: set[tuple[str, str]] = set()
    waiting = [(DISTRIBUTION, "")]
    while waiting:
        name, extra = waiting.pop()
        found_one = by_name.get(name)
        if found_one is None or (name, extra) in seen:
            continue
        seen.add((name, extra))
        if name != DISTRIBUTION:
            yield found_one
        for requirement in found_one.requires or ():
            waiting += _wanted(requirement, extra)


def _wanted(requirement: str, extra: str) -> Iterator[tuple[str, str]]:
    """The package of one requirement, once without and once with each of its extras; nothing for another extra."""
    named, _, marker = requirement.partition(";")
    only_for = EXTRA.search(marker)
    match = NAME.match(named)
    if match is None or (only_for is not None and _plain(only_for[1]) != extra):
        return
    name = _plain(match[1])
    yield name, ""
    for one in (match[2] or "").split(","):
        if one.strip():
            yield name, _plain(one)


def _entries(package: Distribution) -> Iterator[Path]:
    """Its files and folders, as they stand in the folder of packages."""
    root = Path(str(package.locate_file("")))
    listed = package.files
    if listed is None:  # as of a system's package manager
        names = set((package.read_text("top_level.txt") or "").split())
        names |= {f"{name}.py" for name in names}
    else:
        names = {one.parts[0] for one in listed}
    if isinstance(package, PathDistribution):
        names.add(Path(str(package._path)).name)  # noqa: SLF001 — where its metadata is, which has no other name
    for name in sorted(names - {"..", "__pycache__"}):
        if (root / name).exists() and not name.endswith(".pth"):
            yield root / name


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()
