"""The full-screen tree: the view, how a key changes it, and the lines that show it. Pure.

Keys: j and k (or the arrows) move, Enter shows one actor with its stack, r restarts it after a y, Esc goes back,
q quits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import click

from actors.cli.tree import table

KEYS = {
    b"j": "down", b"\x1b[B": "down", b"\x1bOB": "down", b"k": "up", b"\x1b[A": "up", b"\x1bOA": "up",
    b"\r": "enter", b"\n": "enter", b"r": "restart", b"y": "yes", b"q": "quit", b"\x04": "quit", b"\x1b": "back",
    b"g": "first", b"G": "last",
}  # fmt: skip

FOOT = "j/k move · enter details · r restart · q quit"
FOOT_DETAILS = "esc back · r restart · q quit"
FRAME_LINES = 3
"""The header of the table above the rows, an empty line and the foot below them."""


class Action(StrEnum):
    """What follows a key besides another view."""

    NOTHING = "nothing"
    RESTART = "restart"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class View:
    """What the screen shows. `path` is the selected actor, not a line: lines move when actors come and go."""

    path: str
    details: bool = False
    asking: bool = False
    """Whether the question "restart it?" is on the screen."""
    notice: str = ""
    """The outcome of the last action, until the next key."""


def press(view: View, key: bytes, paths: Sequence[str]) -> tuple[View, Action]:
    """The view after a key, and the action that the key asks for."""
    word = KEYS.get(key, "")
    view = replace(view, notice="")
    if view.asking:
        return replace(view, asking=False), Action.RESTART if word == "yes" else Action.NOTHING
    at = paths.index(view.path) if view.path in paths else 0
    match word:
        case "quit":
            return view, Action.QUIT
        case "back":
            return (replace(view, details=False), Action.NOTHING) if view.details else (view, Action.QUIT)
        case "enter":
            return replace(view, details=not view.details), Action.NOTHING
        case "restart":
            return replace(view, asking=True), Action.NOTHING
        case "down" | "up" | "first" | "last" if not view.details:
            target = {"down": at + 1, "up": at - 1, "first": 0, "last": len(paths) - 1}[word]
            return replace(view, path=paths[max(0, min(len(paths) - 1, target))]), Action.NOTHING
    return view, Action.NOTHING


def draw(view: View, root: dict[str, Any], stack: Sequence[str], height: int, at: str) -> list[str]:
    """The lines of the screen, at most `height`."""
    node = table.find(root, view.path)
    if view.details:
        gone = [f"{view.path} does not run at the moment"]
        body = gone if node is None else table.details(node, view.path, list(stack)).splitlines()
        return [*body[: height - FRAME_LINES + 1], "", _foot(view, FOOT_DETAILS, at)]
    head, *rows = table.render(root).splitlines()
    paths = table.paths(root)
    selected = paths.index(view.path) if view.path in paths else 0
    space = max(1, height - FRAME_LINES)
    first = max(0, min(selected - space // 2, len(rows) - space))
    # A colour inside the row would end its reversal, so the selected row has none.
    shown = [
        click.style(click.unstyle(row), reverse=True) if number == selected else row for number, row in enumerate(rows)
    ]
    return [head, *shown[first : first + space], "", _foot(view, FOOT, at)]


def _foot(view: View, keys: str, at: str) -> str:
    if view.asking:
        return click.style(f"End {view.path} now, so that its supervisor starts it again? y/n", fg="yellow", bold=True)
    return click.style(f"{view.notice} · " if view.notice else "", fg="cyan") + click.style(
        f"{keys} · as of {at}", dim=True
    )
