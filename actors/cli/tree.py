"""The supervised tree as lines of a table. Pure: a TreeNode frame in, cells out."""

from collections.abc import Iterator
from typing import Any

import click

from actors.cli import output

HEADER = ("ROOM", "STATE", "RESTARTS", "UP", "MAIL", "DONE", "NOW / LAST ERROR")

Node = dict[str, Any]


def rows(tree: Node) -> list[tuple[str, ...]]:
    """One row a room, the branches drawn in the first cell."""
    return [(branch + _name(node), *_facts(node)) for branch, node in _walk(tree, "", "")]


def render(tree: Node) -> str:
    """The whole tree as text."""
    return output.table(rows(tree), HEADER)


def _walk(node: Node, own: str, below: str) -> Iterator[tuple[str, Node]]:
    yield own, node
    children = node.get("children") or []
    for child in children:
        last = child is children[-1]
        yield from _walk(child, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "))


def _name(node: Node) -> str:
    name = click.style(output.plain(node["name"]), bold=node["kind"] == "supervisor")
    return f"{name} {click.style(node['strategy'], dim=True)}" if node.get("strategy") else name


def _facts(node: Node) -> tuple[str, ...]:
    restarts = node.get("restarts") or 0
    return (
        output.state(output.plain(node["state"])),
        click.style(str(restarts), fg="yellow") if restarts else "-",
        output.ago(node.get("uptime_seconds")),
        _count(node.get("mailbox")),
        _count(node.get("handled")),
        _now(node),
    )


def _count(value: int | None) -> str:
    return "-" if value is None else str(value)


def _now(node: Node) -> str:
    parts = [f"pid {node['pid']}"] if node.get("pid") else []
    if node.get("current"):
        busy = node.get("busy_seconds")
        parts.append(output.one_line(node["current"], 40) + (f" for {output.ago(busy)}" if busy and busy >= 1 else ""))
    if node.get("last_error"):
        parts.append(click.style(output.one_line(node["last_error"]), fg="red"))
    return ", ".join(parts)
