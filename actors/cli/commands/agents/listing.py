"""`hive agents`: the agents, a row each."""

from datetime import UTC, datetime
from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import json_flag, with_daemon
from harness.wire import sizes

CONNECTED, PENDING = "connected", "pending"
"""As in `harness.wire.live.opened`, which needs pydantic."""


@click.command()
@json_flag
@with_daemon
def agents(daemon: DaemonClient, *, as_json: bool) -> None:
    """List the agents."""
    rows = daemon.request("agent_status")["agent_statuses"]
    if as_json:
        output.print_json(rows)
        return
    header = ("AGENT", "ROLE", "STATE", "SINCE", "MODEL", "QUEUE", "LAST TURN", "LIMITS", "NOTE")
    output.print_table([_cells(row) for row in rows], header, "There are no agents yet: `hive spawn NAME`.")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    pending = row.get("pending")
    turn = row.get("last_turn") or {}
    return (
        click.style(row["name"], bold=True),
        row["role"],
        output.state(output.plain(row["transient"] or row["state"]))
        + (", waits for its turn" if row.get("waits_until") else "")
        + (" (paused)" if row["paused"] and row["state"] != "paused" else ""),
        output.clock(row["since"]) if row.get("since") else "-",
        output.plain(row.get("active_model") or "-"),
        "?" if pending is None else str(pending) + (f"+{row['leased']}" if row.get("leased") else ""),
        f"{turn['outcome']} {turn['duration_ms'] / 1000:.1f}s" if {"outcome", "duration_ms"} <= turn.keys() else "-",
        _limits(row),
        _note(row),
    )


def _note(row: dict[str, Any]) -> str:
    """Why it is not well, with the MCP servers that it lacks, in full; otherwise what it says of itself, cut."""
    lacks = _servers(row)
    if row.get("why"):
        return output.one_line("; ".join(filter(None, (output.why(row["why"]), lacks))), 300)
    said = row.get("note") or row.get("status_text")
    return output.one_line("; ".join(filter(None, (lacks, said, _left(row)))), 300 if lacks else 80)


def _servers(row: dict[str, Any]) -> str:
    """`mcp db failed: ENOENT`: the configured servers that Claude does not have."""
    return "; ".join(
        f"mcp {one['name']} {one['status']}{': ' + one['error'] if one.get('error') else ''}"
        for one in row.get("mcp_servers") or ()
        if one["status"] not in (CONNECTED, PENDING)
    )


def _age(timestamp: str) -> str:
    return output.ago((datetime.now(UTC) - datetime.fromisoformat(timestamp)).total_seconds())


def _left(row: dict[str, Any]) -> str:
    """`leaves 2 running: make serve (31 s), …`: what its turns have put into the background."""
    left = row.get("left_running") or {}
    named = [f"{one['command'][:30]} ({_age(one['started_at'])})" for one in left.get("processes") or ()]
    return f"leaves {left['count']} running: {', '.join(named)}" if left.get("count") else ""


def _limits(row: dict[str, Any]) -> str:
    """`memory 2G, pids 512, disk 1G/10G`; a limit that this machine does not hold is marked."""
    used = "" if row.get("disk_bytes") is None else f"{sizes.words(row['disk_bytes'])}/"
    loose = row.get("not_enforced") or ()
    return ", ".join(
        f"{name} {used if name == 'disk' else ''}{words}{' (not enforced)' if name in loose else ''}"
        for name, words in (row.get("limits") or {}).items()
    )
