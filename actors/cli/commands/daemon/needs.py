"""`hive needs`: what needs the operator, as N33DS Y0U shows it, each with the command that settles it."""

import sys

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import json_flag, with_daemon

_COLOURS = {
    "unreadable": "red", "suspended": "red", "failed": "red", "parked": "red", "stuck": "red", "failing": "red",
    "dead letter": "red", "needs login": "yellow", "login ends": "yellow", "question": "cyan", "approval": "cyan",
    "degraded": "yellow", "paused": "yellow",
}  # fmt: skip


@click.command()
@json_flag
@with_daemon
def needs(daemon: DaemonClient, *, as_json: bool) -> None:
    """List what needs you, most urgent first, each with the command that settles it.

    It is the list N33DS Y0U of the dashboard. Exits with 1 when something needs you or a part could not be read.
    """
    reply = daemon.request("needs")
    found, failed = reply["needs"], reply["failed"]
    if as_json:
        output.print_json({"needs": found, "failed": failed})
        sys.exit(1 if found or failed else 0)
    for one in failed:
        hint = f" ({output.one_line(one['hint'], 100)})" if one["hint"] else ""
        click.secho(f"{one['name']} could not be read: {output.one_line(one['error'], 160)}{hint}", fg="red", err=True)
    rows = [
        (
            click.style(word := one["word"] or one["kind"], fg=_COLOURS.get(word)),
            output.one_line(one["agent"], 24),
            output.clock(one["since"]) if one["since"] else "-",
            output.one_line(one["command"], 72),
            output.one_line(one["sentence"], 120),
        )
        for one in found
    ]
    if rows or not failed:
        output.print_table(rows, ("WHY", "WHO", "SINCE", "COMMAND", "ABOUT"), "Nothing needs you.")
    sys.exit(1 if found or failed else 0)
