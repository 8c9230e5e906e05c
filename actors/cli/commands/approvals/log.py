"""`hive decisions`: who decided what about which commit, and whether the log of it is whole."""

import sys

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import count_option, json_flag, with_daemon
from harness.wire.limits import DEFAULT_ROWS

_COLOURS = {"approved": "green", "denied": "red"}


@click.command()
@count_option(DEFAULT_ROWS, "decisions")
@json_flag
@with_daemon
def decisions(daemon: DaemonClient, limit: int, *, as_json: bool) -> None:
    """Show the log of decisions: who decided what about which commit.

    All of it is checked, also what is not shown. Exits with 1 when a row of the log is not what was written.
    """
    reply = daemon.request("decisions")
    rows = reply["decisions"][-limit:]
    if as_json:
        output.print_json({"decisions": rows, **{key: reply[key] for key in ("broken_at", "reason", "omitted")}})
    else:
        output.print_table(
            [
                (
                    str(row["id"]),
                    output.clock(row["at"]),
                    f"#{row['approval_id']}" if row["approval_id"] else "-",
                    output.plain(row["agent"]),
                    row["kind"],
                    click.style(row["verdict"], fg=_COLOURS.get(row["verdict"])),
                    (row["sha"] or "-")[:12],
                    output.plain(row["decided_by"]),
                    output.one_line(row["note"] or "", 60),
                )
                for row in rows
            ],
            ("ROW", "AT", "APPROVAL", "AGENT", "KIND", "VERDICT", "COMMIT", "BY", "NOTE"),
            "Nothing was decided yet.",
        )
        if len(rows) < len(reply["decisions"]):
            click.echo(f"the newest {len(rows)} of {len(reply['decisions'])}")
    if reply["broken_at"] is not None:
        click.secho(f"row {reply['broken_at']} is not what was written: {reply['reason']}", fg="red", err=True)
        sys.exit(1)
