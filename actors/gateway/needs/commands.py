"""The command of the terminal that settles an item, ready to be pasted. Pure."""

import shlex

from harness.wire import names
from harness.wire.needs import NeedKind
from harness.wire.operator_rows import AgentRow, QuarantineRow

ANSWER = "TEXT"
"""Stands for the operator's own words."""

_OF_AGENT = {
    NeedKind.SUSPENDED: "hive suspensions lift",
    NeedKind.FAILED: "hive start",
    NeedKind.STUCK: "hive cancel",
    NeedKind.FAILING: "hive cancel",
    NeedKind.LOGIN: "hive login",
    NeedKind.LOGIN_ENDS: "hive login",
    NeedKind.MAIL: "hive read --all --from",
}


def of_agent(kind: NeedKind, name: str) -> str:
    """For an item about an agent or a peer. A name of outside (`outside:…`) is quoted for the shell."""
    return f"{_OF_AGENT[kind]} {shlex.quote(names.broker_name(name))}"


def of_degraded(row: AgentRow) -> str:
    """An agent that the hive has paused, or one that works badly."""
    return f"hive {'resume' if row.paused else 'restart'} {shlex.quote(names.broker_name(row.name))}"


def of_quarantined(row: QuarantineRow) -> str:
    """The command that deletes the row, where that is its way out; otherwise the list with the ways out."""
    if "hive quarantine drop" not in row.way_out:
        return "hive quarantine"
    return f"hive quarantine drop {shlex.quote(row.table)} {shlex.quote(row.key)}"
