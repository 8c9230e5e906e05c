"""`hive hosts`: what an agent reached, or tried to reach, through hive-proxy."""

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import agent_argument, json_flag, with_daemon


@click.command()
@agent_argument
@json_flag
@with_daemon
def hosts(daemon: DaemonClient, name: str, *, as_json: bool) -> None:
    """Show which hosts an agent has talked to.

    Counted since the daemon started, the latest first; the model is not among them. Refused and unreachable hosts are
    shown with the reason. Nothing is recorded in the runtime process and with network.mode = "host".
    """
    rows = daemon.request("hosts", name=name)["hosts"]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [
            (
                output.plain(row["host"]),
                row["port"],
                row["connected"],
                row["refused"],
                output.plain(row["reason"] or "-"),
            )
            for row in rows
        ],
        ("HOST", "PORT", "CONNECTED", "REFUSED", "REASON"),
        "It has talked to no host yet.",
    )
