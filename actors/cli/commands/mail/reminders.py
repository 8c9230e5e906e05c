"""Reminders that agents set for themselves: list them, cancel one, retry one that failed."""

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import Number, json_flag, with_daemon

id_argument = click.argument("reminder_id", metavar="ID", type=Number("hive reminders"))


@click.command()
@json_flag
@with_daemon
def reminders(daemon: DaemonClient, *, as_json: bool) -> None:
    """List the reminders that were not delivered yet.

    A reminder whose delivery failed is among them, with the error.
    """
    rows = daemon.request("reminders")["reminders"]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [
            (
                f"#{row['id']}",
                output.plain(row["agent"]),
                output.clock(row["due_at"]),
                str(row["attempts"]),
                output.one_line(row["message"], 70),
                click.style(output.one_line(row["last_error"] or "", 60), fg="red"),
            )
            for row in rows
        ],
        ("ID", "AGENT", "DUE", "TRIES", "MESSAGE", "ERROR"),
        "There are no reminders.",
    )


@click.group()
def reminder() -> None:
    """Act on one reminder."""


@reminder.command()
@id_argument
@with_daemon
def cancel(daemon: DaemonClient, reminder_id: int) -> None:
    """Cancel a reminder before it is delivered."""
    daemon.request("cancel_reminder", id=reminder_id)
    click.echo(f"cancelled reminder #{reminder_id}")


@reminder.command()
@id_argument
@with_daemon
def retry(daemon: DaemonClient, reminder_id: int) -> None:
    """Deliver a reminder now, even one that has failed too often."""
    daemon.request("retry_reminder", id=reminder_id)
    click.echo(f"reminder #{reminder_id} is due now")
