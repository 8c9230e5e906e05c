"""Trees of causes and consequences as text. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from actors.cli import output

ORIGINS = {
    "operator": "the operator did it",
    "hive": "the hive did it by itself",
    "outside": "a program beside the agent did it",
    "unknown": "what led to it is not known: outside a turn, by a peer, or in an earlier version",
}
MAX_INDENT = 16
"""Levels that are indented; a longer chain goes on below the last of them."""


def tree(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One line a row, indented by its depth; below it where the tree ends, and how much of it is missing."""
    for row in rows:
        indent = "  " * min(row["depth"], MAX_INDENT)
        yield f"{indent}{'└ ' if row['depth'] else ''}{line(row)}"
        below = f"{indent}  {'  ' if row['depth'] else ''}"
        if row["more"]:
            yield f"{below}… {row['more']:,} more"
        if row["origin"]:
            yield f"{below}{click.style(ORIGINS.get(row['origin'], row['origin']), dim=True)}"


def line(row: Mapping[str, Any]) -> str:
    """A row: its name, when, who, and the beginning of its text."""
    if row["at"] is None:
        return f"{output.plain(row['name'])} is not kept any more"
    who = output.plain(row["who"]) + (f" → {output.plain(row['to'])}" if row["to"] else "")
    parts = [click.style(output.plain(row["name"]), bold=True), output.clock(row["at"]), who, *_state(row)]
    if row["again"]:
        parts.append("(above)")
    elif row["text"]:
        parts.append(output.one_line(row["text"]))
    return " ".join(part for part in parts if part)


def _state(row: Mapping[str, Any]) -> list[str]:
    if row["status"] in {None, "message"}:
        return []
    found = [output.plain(row["status"])]
    if row["duration_ms"] is not None:
        found.append(output.ago(row["duration_ms"] / 1000) if row["duration_ms"] >= 1000 else f"{row['duration_ms']}ms")
    if row["tools"]:
        found.append(f"{row['tools']} tool {'call' if row['tools'] == 1 else 'calls'}")
    if row["cost_usd"] is not None:
        found.append(f"${row['cost_usd']:.4f}")
    return [f"({', '.join(found)})"]


def cost(found: Mapping[str, Any]) -> str:
    """What the turns of a tree cost, in a sentence without a point."""
    if not found["turns"]:
        return "no turns"
    price = "nothing is known of the price" if found["cost_usd"] is None else f"${found['cost_usd']:.2f}"
    least = "" if found["complete"] else "at least "
    turns = f"{found['turns']} {'turn' if found['turns'] == 1 else 'turns'}"
    agents = f"{found['agents']} {'agent' if found['agents'] == 1 else 'agents'}"
    rest = f"; {found['unpriced']} without a price" if found["unpriced"] and found["cost_usd"] is not None else ""
    return f"{least}{price} in {turns} of {agents}{rest}"
