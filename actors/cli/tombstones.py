"""What is kept of agents that were destroyed."""

import click

from actors.cli import output
from actors.cli.client import HostClient
from actors.cli.flags import json_flag, with_host

UNITS = ("B", "KiB", "MiB", "GiB")


@click.command()
@json_flag
@with_host
def tombstones(host: HostClient, *, as_json: bool) -> None:
    """List what is kept of destroyed agents."""
    rows = host.request("tombstones")["tombstones"]
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
    output.print_table(cells, ("AGENT", "SIZE", "LAST CHANGE", "LOGIN"), "Nothing is kept of anybody.")


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for the name again.")
@with_host
def purge(host: HostClient, name: str, *, yes: bool) -> None:
    """Delete what is kept of a destroyed agent.

    Its notes, configuration and credentials go for good; its messages stay in the flow.
    """
    if not yes and click.prompt(f"Everything that is kept of {name} will be deleted. Its name again") != name:
        raise click.UsageError("the names differ: nothing was done")
    host.request("purge_tombstone", name=name)
    click.echo(f"purged {name}")


def _size(bytes_: int) -> str:
    size, unit = float(bytes_), 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.0f} {UNITS[unit]}"
