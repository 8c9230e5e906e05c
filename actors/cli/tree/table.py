"""The supervised tree as text: a table of all actors, and the details of one. Pure: a TreeNode frame in, text out."""

from collections.abc import Iterator
from typing import Any

import click

from actors.cli import output

HEADER = ("ACTOR", "STATE", "RESTARTS", "UP", "MAIL", "DONE", "MEMORY", "NOW / LAST ERROR")

Node = dict[str, Any]


def rows(tree: Node) -> list[tuple[str, ...]]:
    """One row per actor, the branches drawn in the first cell."""
    return [(branch + _name(node), *_facts(node)) for branch, node in _walk(tree, "", "")]


def paths(tree: Node) -> list[str]:
    """The path below the root of each row's actor, which is its name in the directory."""
    return [path for path, _ in _actors(tree)]


def find(tree: Node, path: str) -> Node | None:
    """The actor of that path; None if it is not in the tree."""
    return dict(_actors(tree)).get(path)


def details(node: Node, path: str, stack: list[str]) -> str:
    """Everything that is known of one actor, as text of several lines."""
    oldest = node.get("oldest_seconds")
    facts = [
        ("actor", path),
        (
            "state",
            f"{node.get('condition') or output.plain(node['state'])}, up for {output.ago(node.get('uptime_seconds'))}",
        ),
        ("mailbox", f"{_count(node.get('mailbox'))} waiting" + (f", the oldest for {oldest:.1f} s" if oldest else "")),
        ("now", _busy(node) or "waiting for a message"),
        ("process", f"pid {node['pid']}, {_memory(node)} with everything below" if node.get("pid") else "-"),
        ("restarts", str(node.get("restarts") or 0)),
        *([("why", output.one_line(output.why(node["why"]), 300))] if node.get("why") else []),
    ]
    why = [(output.clock(one["at"]), output.one_line(one["reason"], 200)) for one in node.get("reasons") or []]
    lines = [f"{click.style(f'{label:9}', dim=True)} {value}" for label, value in [*facts, *why]]
    return "\n".join(lines + (["", click.style("stack", dim=True), *map(output.plain, stack)] if stack else []))


def _actors(tree: Node) -> Iterator[tuple[str, Node]]:
    yield tree["name"], tree
    yield from _below(tree, "")


def _below(node: Node, above: str) -> Iterator[tuple[str, Node]]:
    for child in node.get("children") or []:
        yield above + child["name"], child
        yield from _below(child, f"{above}{child['name']}/")


def render(tree: Node) -> str:
    """The whole tree as the text of a table."""
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
        _state(node),
        click.style(str(restarts), fg="yellow") if restarts else "-",
        output.ago(node.get("uptime_seconds")),
        _count(node.get("mailbox")),
        _count(node.get("handled")),
        _memory(node),
        _now(node),
    )


def _state(node: Node) -> str:
    """What the actor says of itself; what its agent is, where that is worse."""
    condition = node.get("condition")
    return output.state(condition or output.plain(node["state"]))


def _count(value: int | None) -> str:
    return "-" if value is None else str(value)


def _busy(node: Node) -> str:
    if not node.get("current"):
        return ""
    busy = node.get("busy_seconds")
    return output.one_line(node["current"], 40) + (f" for {output.ago(busy)}" if busy and busy >= 1 else "")


def _memory(node: Node) -> str:
    value = node.get("memory_bytes")
    return "-" if value is None else f"{value / 1024 / 1024:.0f} MB"


def _now(node: Node) -> str:
    parts = [f"pid {node['pid']}"] if node.get("pid") else []
    if busy := _busy(node):
        parts.append(busy)
    if (oldest := node.get("oldest_seconds")) and oldest >= 1:
        parts.append(click.style(f"mail waits for {output.ago(oldest)}", fg="yellow"))
    if node.get("why") and not node.get("children"):
        parts.append(output.one_line(output.why(node["why"]), 300))
    if node.get("last_error"):
        parts.append(click.style(output.one_line(node["last_error"]), fg="red"))
    return ", ".join(parts)
