"""Tombstones: the kept state of destroyed agents, and its deletion."""

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import json_flag, with_daemon
from harness.wire.errors import not_found

UNITS = ("B", "KiB", "MiB", "GiB")


@click.command()
@json_flag
@with_daemon
def tombstones(daemon: DaemonClient, *, as_json: bool) -> None:
    """List the destroyed agents whose state is kept."""
    rows = daemon.request("tombstones")["tombstones"]
    if as_json:
        output.print_json(rows)
        return
    cells = [
        (
            click.style(row["name"], bold=True),
            "?" if row["size_bytes"] is None else _size(row["size_bytes"]),
            row["changed_at"] or "-",
            "?" if row["credentials"] is None else "kept" if row["credentials"] else "-",
        )
        for row in rows
    ]
    output.print_table(cells, ("AGENT", "SIZE", "LAST CHANGE", "LOGIN"), "No destroyed agent is kept.")


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Delete without asking for the name.")
@with_daemon
def purge(daemon: DaemonClient, name: str, *, yes: bool) -> None:
    """Delete the kept state of a destroyed agent.

    Its notes, configuration and credentials are deleted for good; its messages stay in the message log.
    """
    if not yes and name not in {row["name"] for row in daemon.request("tombstones")["tombstones"]}:
        raise not_found(f"kept state of {name!r}", "`hive tombstones` lists what is kept")
    if not yes and click.prompt(f"Everything kept of {name} will be deleted. Type its name to confirm") != name:
        raise click.UsageError("the names differ: nothing was deleted")
    daemon.request("purge_tombstone", name=name)
    click.echo(f"purged {name}")


def _size(bytes_: int) -> str:
    size, unit = float(bytes_), 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.0f} {UNITS[unit]}"
