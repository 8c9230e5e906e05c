"""What the hive promises, looked at now."""

import sys

import click

from actors.cli import output
from actors.cli.client import HostClient
from actors.cli.flags import json_flag, with_host

_WORDS = {
    True: click.style("held", fg="green"),
    False: click.style("broken", fg="red"),
    None: click.style("?", fg="yellow"),
}


@click.command()
@json_flag
@with_host
def verify(host: HostClient, *, as_json: bool) -> None:
    """Check what the hive promises.

    No message is forgotten, no lease is left behind, every agent that is wanted runs or has a reason, the databases
    and the log of decisions are whole. Exits with 1 when a promise is broken or could not be looked at.
    """
    promises = host.request("verify")["promises"]
    if as_json:
        output.print_json(promises)
    else:
        rows = [(one["name"], _WORDS[one["held"]], output.one_line(one["detail"], 200)) for one in promises]
        click.echo(output.table(rows, ("PROMISE", "", "WHAT WAS FOUND")))
    sys.exit(0 if all(one["held"] for one in promises) else 1)
