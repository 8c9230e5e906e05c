"""`hive verify`: whether each promise of the hive holds at this moment."""

import sys

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import json_flag, with_daemon


@click.command()
@json_flag
@with_daemon
def verify(daemon: DaemonClient, *, as_json: bool) -> None:
    """Check the promises of the hive.

    No message is forgotten, no lease is left behind, every agent that is meant to run does or has a reason not to, the
    databases and the log of decisions are intact. Exits with 1 when a promise is broken or could not be checked.
    """
    promises = daemon.request("verify")["promises"]
    if as_json:
        output.print_json(promises)
    else:
        click.echo(output.promises(promises))
    sys.exit(0 if all(one["held"] for one in promises) else 1)
