"""How a row of a tree of causes is said: its name and its figures; and the cost of a tree. Pure."""

from harness.wire.boundary import causes
from harness.wire.boundary.causes import CauseKind, CauseRow, Cost, Origin
from web.presentation import formats

MAX_DEPTH = 12
"""Levels that are indented; what is deeper stands below the last of them."""

ORIGINS = {
    Origin.OPERATOR: "the operator did it",
    Origin.HIVE: "the hive did it by itself",
    Origin.OUTSIDE: "a program beside the agent did it",
    Origin.UNKNOWN: "what led to it is not known: outside a turn, by a peer, or in an earlier version",
}
NAMES = {
    CauseKind.MESSAGE: "message",
    CauseKind.TURN: "turn",
    CauseKind.QUESTION: "question",
    CauseKind.REMINDER: "reminder",
    CauseKind.APPROVAL: "approval",
}


def label(name: str) -> str:
    """`message #12`, `turn 5`."""
    one = causes.parse(name)
    return f"turn {one.number}" if one.kind is CauseKind.TURN else f"{NAMES[one.kind]} #{one.number}"


def depth(row: CauseRow) -> int:
    """The level at which a row is drawn."""
    return min(row.depth, MAX_DEPTH)


def figures(row: CauseRow) -> str:
    """The outcome of a turn with its figures; the state of a question, a reminder or an approval."""
    found = [] if row.status in {None, "message"} else [str(row.status)]
    if row.duration_ms is not None:
        found.append(formats.duration_ms(row.duration_ms))
    if row.tools:
        found.append(f"{row.tools} tool {'call' if row.tools == 1 else 'calls'}")
    if row.cost_usd is not None:
        found.append(formats.money(row.cost_usd))
    return " · ".join(found)


def cost(found: Cost) -> str:
    """What the turns of a tree cost, in a sentence without a point."""
    if not found.turns:
        return "no turn came of it" if found.complete else "no turn among those that are shown"
    price = "of an unknown price" if found.cost_usd is None else f"cost {formats.money(found.cost_usd)}"
    turns = f"{found.turns:,} {'turn' if found.turns == 1 else 'turns'}"
    agents = f"{found.agents} {'agent' if found.agents == 1 else 'agents'}"
    tools = f", {found.tools:,} tool {'call' if found.tools == 1 else 'calls'}" if found.tools else ""
    rest = f"; {found.unpriced} without a price" if found.unpriced and found.cost_usd is not None else ""
    return f"{'' if found.complete else 'at least '}{turns} of {agents} {price}{tools}{rest}"
