"""`hive suspensions`: agents and peers whose requests crashed the hive, those requests, and serving them again."""

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import PLACES, json_flag, with_config, with_daemon
from actors.daemon_settings import DaemonSettings


@click.group(invoke_without_command=True)
@json_flag
@with_config(*PLACES)
@click.pass_context
def suspensions(context: click.Context, config: DaemonSettings, *, as_json: bool) -> None:
    """List the agents and peers whose requests are refused.

    An agent is suspended when its requests have crashed a component of the hive twice within a minute.
    """
    if context.invoked_subcommand is not None:
        return
    with DaemonClient(config.host_socket) as daemon:
        rows = daemon.request("suspensions")["suspensions"]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [(output.plain(row["name"]), output.clock(row["at"]), output.plain(row["reason"])) for row in rows],
        ("AGENT", "SINCE", "REASON"),
        "No agent is suspended.",
    )


@suspensions.command()
@click.argument("name")
@json_flag
@with_daemon
def show(daemon: DaemonClient, name: str, *, as_json: bool) -> None:
    """Show the requests of an agent over which something crashed.

    The newest first, each cut to 8 KiB. They are kept when the suspension is lifted.
    """
    rows = daemon.request("kept_requests", name=name)["requests"]
    if as_json:
        output.print_json(rows)
        return
    if not rows:
        click.echo(f"No request of {output.plain(name)} is kept.")
    for row in rows:
        where = output.plain(f"{row['cmd']} crashed {row['actor']}: {row['reason']}")
        click.echo(f"{output.clock(row['at'])}  {where}")
        click.echo(f"  {output.plain(row['request'])}")
        if len(row["request"]) < row["size"]:
            click.echo(f"  … {row['size'] - len(row['request'])} more characters were not kept")


@suspensions.command()
@click.argument("name")
@with_daemon
def lift(daemon: DaemonClient, name: str) -> None:
    """Serve an agent or peer again."""
    daemon.request("lift_suspension", name=name)
    click.echo(f"{name} is served again")
