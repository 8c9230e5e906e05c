"""What a command prints: plain tables, JSON, and nothing an agent wrote that a terminal would obey."""

import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click

_ESCAPES = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b.")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: object) -> str:
    """`text` without escape sequences, control characters and marks that reorder a line.

    What agents write reaches the operator's terminal, and a terminal obeys such sequences: they set its title and its
    clipboard, and paint lines over other lines.
    """
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", _ESCAPES.sub("", str(text)))


def one_line(text: object, width: int = 80) -> str:
    """`text` as one line of at most `width` characters."""
    line = " ".join(plain(text).split())
    return line if len(line) <= width else line[: width - 1] + "…"


def print_json(value: Any) -> None:
    """One JSON document, in ASCII only, which is safe for every reader and every terminal."""
    click.echo(json.dumps(value, indent=2))


def print_json_line(value: Any) -> None:
    """One JSON document on one line, for streams; flushed."""
    click.echo(json.dumps(value))
    sys.stdout.flush()


NARROWEST = 6
"""Columns that a cell keeps, however narrow the terminal is."""


def table(rows: Sequence[Sequence[object]], header: Sequence[str], *, columns: int | None = None) -> str:
    """`rows` as text: columns two spaces apart, without rules; the last column has no width. Cells may be styled.

    With `columns` the widest cells are cut until a line fits into so many, as long as each keeps `NARROWEST`.
    """
    cells = [[str(cell) for cell in row] for row in rows]
    heads = [click.style(head, dim=True) for head in header]
    widths = [max(width_of(line[column]) for line in [heads, *cells]) for column in range(len(header))]
    if columns is not None:
        widths = _fitted(widths, columns)
        cells, heads = [_cut_line(line, widths) for line in cells], _cut_line(heads, widths)
    return "\n".join(
        "  ".join(cell + " " * (width - width_of(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [heads, *cells]
    )


def _fitted(widths: Sequence[int], columns: int) -> list[int]:
    """The widths of a table that is at most `columns` wide, the widest column cut first. Pure."""
    fitted = list(widths)
    while sum(fitted) + 2 * (len(fitted) - 1) > columns and max(fitted) > NARROWEST:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _cut_line(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    """The cells of a line within their widths; one that is cut loses its colour."""
    return [
        cell if width_of(cell) <= width else _cut(click.unstyle(cell), width)
        for cell, width in zip(line, widths, strict=True)
    ]


def _cut(text: str, width: int) -> str:
    while width_of(text) >= width:
        text = text[:-1]
    return f"{text}…"


def terminal_columns() -> int | None:
    """The width of the terminal; None where the output is no terminal and nothing is cut."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def width_of(text: str) -> int:
    """How many columns of a terminal `text` takes, styles not counted."""
    return sum(
        0 if unicodedata.combining(mark) else 2 if unicodedata.east_asian_width(mark) in "WF" else 1
        for mark in click.unstyle(text)
    )


def print_table(rows: Sequence[Sequence[object]], header: Sequence[str], empty: str) -> None:
    """The table, or the sentence `empty` when there are no rows."""
    click.echo(table(rows, header, columns=terminal_columns()) if rows else empty)


def promises(rows: Sequence[dict[str, Any]]) -> str:
    """A table of promises with what was found; `held` is None where a promise could not be checked."""
    words = {
        True: click.style("held", fg="green"),
        False: click.style("broken", fg="red"),
        None: click.style("?", fg="yellow"),
    }
    cells = [(one["name"], words[one["held"]], one_line(one["detail"], 200)) for one in rows]
    return table(cells, ("PROMISE", "", "WHAT WAS FOUND"))


def state(word: str) -> str:
    """A state in its colour."""
    return click.style(word, fg=_COLOURS.get(word))


_COLOURS = {
    "running": "green", "idle": "green", "up": "green", "ok": "green", "thinking": "cyan", "compacting": "cyan",
    "starting": "yellow", "stopping": "yellow", "restarting": "yellow", "spawning": "yellow", "rebuilding": "yellow",
    "destroying": "yellow", "booting": "yellow", "paused": "yellow", "rate_limited": "yellow", "warn": "yellow",
    "pending": "yellow", "listening": "green", "answered": "green", "needs_login": "yellow", "failed": "red",
    "crashed": "red", "parked": "red", "bad": "red", "stuck": "magenta", "failing": "magenta", "limited": "yellow",
}  # fmt: skip


def ago(seconds: float | None) -> str:
    """A duration in its two largest units: `3d 4h`, `12m 5s`; a dash when it is not known."""
    if seconds is None:
        return "-"
    whole = int(seconds)
    units = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "m"), (whole % 60, "s")]
    first = next((index for index, (count, _) in enumerate(units) if count), 3)
    return " ".join(f"{count}{unit}" for count, unit in units[first : first + 2] if count) or "0s"


def clock(timestamp: str) -> str:
    """A wire timestamp as local `HH:MM:SS`, with the date when it is not today's.

    A row that cannot be read has no time: on the wire it is the year 1970, here `-`.
    """
    moment = datetime.fromisoformat(timestamp).astimezone()
    if moment.timestamp() == 0:
        return "-"
    today = datetime.now().astimezone().date()
    return moment.strftime("%H:%M:%S" if moment.date() == today else "%Y-%m-%d %H:%M:%S")


def why(parts: Sequence[dict[str, Any]]) -> str:
    """The line that says why an agent is not well: pieces of text, an age or a time after each."""
    said = ""
    for part in parts:
        text = plain(part["text"])
        said += ("" if not said or text[:1] in ":;," else " ") + text
        if at := part.get("at"):
            age = (datetime.now().astimezone() - datetime.fromisoformat(at)).total_seconds()
            said += f" {clock(at) if part.get('until') else ago(max(0.0, age))}"
    return said


def colour_wanted() -> bool | None:
    """False where NO_COLOR is set; None leaves the decision to click, which asks whether the output is a terminal."""
    return False if os.environ.get("NO_COLOR") else None
