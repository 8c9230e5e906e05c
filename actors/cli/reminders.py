"""Reminders: what agents have themselves told later, and what to do about those that fail."""

import click

from actors.cli import output
from actors.cli.client import HostClient
from actors.cli.flags import json_flag, with_host

id_argument = click.argument("reminder_id", metavar="ID", type=click.IntRange(min=0))


@click.command()
@json_flag
@with_host
def reminders(host: HostClient, *, as_json: bool) -> None:
    """Show the reminders that are still to come.

    Those that could not be delivered are among them, with their trouble.
    """
    rows = host.request("reminders")["reminders"]
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
        ("ID", "AGENT", "DUE", "TRIES", "WHAT", "TROUBLE"),
        "No reminder is to come.",
    )


@click.group()
def reminder() -> None:
    """Act on one reminder."""


@reminder.command()
@id_argument
@with_host
def cancel(host: HostClient, reminder_id: int) -> None:
    """Drop a reminder before it is due."""
    host.request("cancel_reminder", id=reminder_id)
    click.echo(f"cancelled reminder #{reminder_id}")


@reminder.command()
@id_argument
@with_host
def retry(host: HostClient, reminder_id: int) -> None:
    """Deliver a reminder now, also one that has failed too often."""
    host.request("retry_reminder", id=reminder_id)
    click.echo(f"reminder #{reminder_id} is due now")
