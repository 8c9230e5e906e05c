"""`hive quarantine`: the stored rows that cannot be read, and deleting one."""

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import PLACES, json_flag, with_config, with_daemon
from actors.daemon_settings import DaemonSettings


@click.group(invoke_without_command=True)
@json_flag
@with_config(*PLACES)
@click.pass_context
def quarantine(context: click.Context, config: DaemonSettings, *, as_json: bool) -> None:
    """List the stored rows that cannot be read.

    A newer version of the hive has written them, or the disk has damaged them. Everything else works without them. A
    version that knows them reads them again; `hive quarantine drop` deletes one.
    """
    if context.invoked_subcommand is not None:
        return
    with DaemonClient(config.host_socket) as daemon:
        rows = daemon.request("quarantine", look=True)["rows"]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [tuple(output.plain(row[column]) for column in ("table", "key", "reason", "way_out")) for row in rows],
        ("TABLE", "KEY", "REASON", "WAY OUT"),
        "Every row can be read.",
    )


@quarantine.command()
@click.argument("table")
@click.argument("key")
@with_daemon
def drop(daemon: DaemonClient, table: str, key: str) -> None:
    """Delete a row that cannot be read, for good.

    What a dropped row of an agent leaves is its folder: `hive revive` brings the agent back.
    """
    daemon.request("drop_quarantined", table=table, key=key)
    click.echo(f"{output.plain(table)} {output.plain(key)} is deleted")
