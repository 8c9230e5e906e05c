"""The full-screen tree as values: what a key changes, and what is to be drawn. Pure.

Keys: j and k (or the arrows) move, Enter shows one room with its stack, r restarts it after a y, Esc goes back,
q quits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import click

from actors.cli import tree

KEYS = {
    b"j": "down", b"\x1b[B": "down", b"\x1bOB": "down", b"k": "up", b"\x1b[A": "up", b"\x1bOA": "up",
    b"\r": "enter", b"\n": "enter", b"r": "restart", b"y": "yes", b"q": "quit", b"\x04": "quit", b"\x1b": "back",
    b"g": "first", b"G": "last",
}  # fmt: skip

FOOT = "j/k move · enter details · r restart · q quit"
FOOT_DETAILS = "esc back · r restart · q quit"
FRAME_LINES = 3
"""The header of the table, and an empty line and the foot below it."""


class Act(StrEnum):
    """What the hand behind the screen has to do after a key."""

    NOTHING = "nothing"
    RESTART = "restart"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class View:
    """What the operator looks at. The selection is a room, not a line: lines move when rooms come and go."""

    path: str
    details: bool = False
    asking: bool = False
    """Whether the question "restart it?" stands."""
    said: str = ""


def press(view: View, key: bytes, paths: Sequence[str]) -> tuple[View, Act]:
    """The view after a key, and what is to be done."""
    word = KEYS.get(key, "")
    view = replace(view, said="")
    if view.asking:
        return replace(view, asking=False), Act.RESTART if word == "yes" else Act.NOTHING
    at = paths.index(view.path) if view.path in paths else 0
    match word:
        case "quit":
            return view, Act.QUIT
        case "back":
            return (replace(view, details=False), Act.NOTHING) if view.details else (view, Act.QUIT)
        case "enter":
            return replace(view, details=not view.details), Act.NOTHING
        case "restart":
            return replace(view, asking=True), Act.NOTHING
        case "down" | "up" | "first" | "last" if not view.details:
            target = {"down": at + 1, "up": at - 1, "first": 0, "last": len(paths) - 1}[word]
            return replace(view, path=paths[max(0, min(len(paths) - 1, target))]), Act.NOTHING
    return view, Act.NOTHING


def draw(view: View, root: dict[str, Any], stack: Sequence[str], height: int, at: str) -> list[str]:
    """The lines of the screen, at most `height`."""
    node = tree.find(root, view.path)
    if view.details:
        gone = [f"{view.path} does not run just now"]
        body = gone if node is None else tree.details(node, view.path, list(stack)).splitlines()
        return [*body[: height - FRAME_LINES + 1], "", _foot(view, FOOT_DETAILS, at)]
    head, *rows = tree.render(root).splitlines()
    paths = tree.paths(root)
    selected = paths.index(view.path) if view.path in paths else 0
    room = max(1, height - FRAME_LINES)
    first = max(0, min(selected - room // 2, len(rows) - room))
    # Colours inside the row would end the reversal: the selected row goes without.
    shown = [
        click.style(click.unstyle(row), reverse=True) if number == selected else row for number, row in enumerate(rows)
    ]
    return [head, *shown[first : first + room], "", _foot(view, FOOT, at)]


def _foot(view: View, keys: str, at: str) -> str:
    if view.asking:
        return click.style(f"End {view.path} now, so that its supervisor starts it anew? y/n", fg="yellow", bold=True)
    return click.style(f"{view.said} · " if view.said else "", fg="cyan") + click.style(
        f"{keys} · as of {at}", dim=True
    )
