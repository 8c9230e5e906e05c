"""Why an agent is not well: stuck, failing, failed, parked or limited. Pure.

The words say what happened last, how often it was tried, and what is waited for. They stand in the agent's row, in the
tree, and in the list of what needs the operator.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from harness.wire import names
from harness.wire.operator_rows import AgentRow, WhyPart

REASON_CHARACTERS = 200
PARKED_PREFIX = "parked: "


class Condition(StrEnum):
    """The ways of not being well; the first that holds is shown."""

    PARKED = "parked"
    FAILED = "failed"
    STUCK = "stuck"
    FAILING = "failing"
    LIMITED = "limited"


def condition(row: AgentRow) -> Condition | None:
    """None for an agent that is well, that is about to start or to end, or whose life is not the hive's."""
    if row.transient or row.role == "peer" or row.state == "unreadable":
        return None
    if row.state == "parked":
        return Condition.PARKED
    if row.failed or row.state == "failed":
        return Condition.FAILED
    if row.running and row.state == "stuck":
        return Condition.STUCK
    if row.failing is not None:
        return Condition.FAILING
    if row.rate_limited_until is not None or row.state == "rate_limited":
        return Condition.LIMITED
    return None


def why(row: AgentRow) -> list[WhyPart]:
    """The line for one agent, in pieces; empty for one that is well."""
    match condition(row):
        case Condition.PARKED:
            reason = (row.note or "it was given up").removeprefix(PARKED_PREFIX)
            return [WhyPart(text="given up", at=row.since), WhyPart(text=f"ago: {_line(reason)}")]
        case Condition.FAILED:
            return [WhyPart(text=_line(row.note or "no reason is known") + "; down for", at=row.since)]
        case Condition.STUCK:
            note = _line(row.note or "alive, but silent")
            return [WhyPart(text=f"{note}{_unfinished(row)}"), *_last_tool(row)]
        case Condition.FAILING if row.failing is not None:
            tries = "1 try" if row.failing.attempts == 1 else f"{row.failing.attempts} tries"
            since = WhyPart(text=f"{tries} failed in", at=row.failing.since)
            return [since, WhyPart(text=f": {_line(row.failing.reason)}"), *_until(row)]
        case Condition.LIMITED:
            return _until(row) or [WhyPart(text="the model's provider refuses; it does not say until when")]
    return []


def with_why(row: AgentRow) -> AgentRow:
    """The row with its line."""
    return row.model_copy(update={"why": found}) if (found := why(row)) else row


def explained(tree: Mapping[str, Any], rows: Iterable[AgentRow]) -> dict[str, Any]:
    """The tree of actors with the lines of the agents in it. An agent that is down has a node all the same."""
    by_name = {names.container_name(row.name): row for row in rows if condition(row) is not None}
    return _explained(tree, by_name) if by_name else dict(tree)


def _explained(tree: Mapping[str, Any], by_name: Mapping[str, AgentRow]) -> dict[str, Any]:
    children = [
        _with_agents(child, by_name) if child["name"] == "agents" else child for child in tree.get("children") or []
    ]
    return {**tree, "children": children}


def _with_agents(agents: Mapping[str, Any], by_name: Mapping[str, AgentRow]) -> dict[str, Any]:
    shown, children = set(), []
    for child in agents.get("children") or []:
        row = by_name.get(child["name"])
        if row is not None:
            shown.add(child["name"])
            child = {**child, **_words(row)}  # noqa: PLW2901 — the node of the same agent
            child["children"] = [
                {**one, **_words(row)} if one["name"] == "container" else one for one in child.get("children") or []
            ]
        children.append(child)
    for name, row in by_name.items():
        if name not in shown and not row.running:
            children.append({"name": name, "kind": "supervisor", "state": str(condition(row)), **_words(row)})
    return {**agents, "children": children}


def _words(row: AgentRow) -> dict[str, Any]:
    return {"condition": str(condition(row)), "why": [part.as_frame() for part in row.why or why(row)]}


def _last_tool(row: AgentRow) -> list[WhyPart]:
    tool = row.last_tool
    if tool is None:
        return []
    call = f"{tool.name} {tool.call}".strip()
    if tool.running:
        return [WhyPart(text=f"; last tool: {call}, running for", at=tool.at)]
    return [WhyPart(text=f"; last tool: {call}, called", at=tool.at), WhyPart(text="ago, ended")]


def _until(row: AgentRow) -> list[WhyPart]:
    if row.rate_limited_until is None:
        return []
    said = "; it is tried again" if row.failing is not None else "the model's provider refuses until"
    return [WhyPart(text=said, at=row.rate_limited_until, until=True)]


def _unfinished(row: AgentRow) -> str:
    count = row.leased or row.pending
    return f"; {count} unfinished" if count else ""


def _line(text: str) -> str:
    line = next((stripped for line in text.splitlines() if (stripped := line.strip())), "")
    return line if len(line) <= REASON_CHARACTERS else line[: REASON_CHARACTERS - 1].rstrip() + "…"
