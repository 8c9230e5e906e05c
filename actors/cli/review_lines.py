"""The lines of a changed file for a terminal: numbers, marks in colour, the comments below their lines. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import click

from harness.wire.visible import visible

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}
_HUNK = re.compile(r"@@@ -(\d{1,9})(?:,\d+)? \+(\d{1,9})(?:,\d+)? @@")
_WIDTH = 4

Place = tuple[str, int]
"""A side, new or old, and the number of a line."""


def of_file(lines: str, comments: Iterable[dict[str, Any]] = ()) -> Iterator[str]:
    """Changed lines, each with its mark first, as text; `comments` of this file that have no line here come last."""
    below: dict[Place, list[dict[str, Any]]] = {}
    rest: list[dict[str, Any]] = []
    for one in comments:
        if one["line"] is None or one["outdated"]:
            rest.append(one)
        else:
            below.setdefault((one["side"], one["line"]), []).append(one)
    for old, new, line in _numbered(lines):
        yield _line(old, new, line)
        for place in (("old", old), ("new", new)):
            for one in _taken(below, place):
                yield from said(one)
    for one in [*rest, *(one for left in below.values() for one in left)]:
        yield from said(one, where=True)


def said(one: Mapping[str, Any], *, where: bool = False) -> Iterator[str]:
    """One comment; `where`: with the line that it is about, since it does not stand below it."""
    state = "draft " if one["state"] == "draft" else ""
    head = f"      ┃ {state}comment {one['id']}"
    if where:
        line = "the file" if one["line"] is None else f"line {one['line']}"
        head += f" on {line}{' (its line is gone)' if one['outdated'] else ''}: {visible(one['quoted'])[:120]}"
    yield click.style(head, fg="yellow")
    yield from (f"      ┃ {visible(line)}" for line in one["text"].split("\n"))


def _taken(below: dict[Place, list[dict[str, Any]]], place: tuple[str, int | None]) -> list[dict[str, Any]]:
    side, number = place
    return [] if number is None else below.pop((side, number), [])


def _numbered(lines: str) -> Iterator[tuple[int | None, int | None, str]]:
    """Each line with its number in the old and in the new file."""
    old = new = 0
    for line in lines.split("\n") if lines else ():
        mark = line[:1]
        if heading := _HUNK.match(line):
            old, new = (max(0, int(number) - 1) for number in heading.groups())
        in_old, in_new = mark in {"-", " "}, mark in {"+", " "}
        old, new = old + in_old, new + in_new
        yield (old if in_old else None), (new if in_new else None), line


def _line(old: int | None, new: int | None, line: str) -> str:
    mark, text = line[:1], visible(line[1:])
    numbers = " ".join(f"{'' if one is None else one:>{_WIDTH}}" for one in (old, new))
    if mark in "@\\":
        return click.style(f"{' ' * (2 * _WIDTH + 1)} {text}", fg=_COLOURS.get(mark))
    return f"{click.style(numbers, dim=True)} {click.style(mark + text, fg=_COLOURS.get(mark))}"
