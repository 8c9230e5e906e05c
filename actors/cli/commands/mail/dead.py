"""`hive dead`: messages that were set aside after too many failed tries, and what becomes of them."""

from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import Number, count_option, json_flag, with_daemon
from harness.wire.errors import not_found
from harness.wire.limits import DEFAULT_ROWS, SET_ASIDE_AFTER

id_argument = click.argument("message_id", metavar="ID", type=Number("hive dead list"))


@click.group(help=f"Act on dead letters: messages that were set aside after {SET_ASIDE_AFTER} failed tries.")
def dead() -> None:
    pass


@dead.command("list")
@count_option(DEFAULT_ROWS, "dead letters")
@json_flag
@with_daemon
def listing(daemon: DaemonClient, limit: int, *, as_json: bool) -> None:
    """List the newest dead letters, newest last."""
    rows = daemon.newest("dead_letters", "dead_letters", limit)
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [
            (
                f"#{row['id']}",
                output.plain(row["from"]),
                output.plain(row["to"]),
                output.clock(row["set_aside_at"]),
                str(row["attempts"]),
                output.one_line(row["body"], 50),
                click.style(output.one_line(row["reason"], 60), fg="red"),
            )
            for row in rows
        ],
        ("ID", "FROM", "TO", "SET ASIDE", "TRIES", "MESSAGE", "ERROR"),
        "There are no dead letters.",
    )


@dead.command()
@id_argument
@json_flag
@with_daemon
def show(daemon: DaemonClient, message_id: int, *, as_json: bool) -> None:
    """Show one dead letter: the whole message, and why its last try failed."""
    row = _find(daemon, message_id)
    if as_json:
        output.print_json(row)
        return
    click.echo(
        f"#{row['id']} from {output.plain(row['from'])} to {output.plain(row['to'])}, {output.clock(row['sent_at'])}"
    )
    click.echo(f"{row['attempts']} tries failed, the last one because of:")
    click.secho(output.plain(row["reason"]), fg="red")
    click.echo(f"\n{output.plain(row['body'])}")


@dead.command()
@id_argument
@with_daemon
def retry(daemon: DaemonClient, message_id: int) -> None:
    """Offer a dead letter to its recipient again, with all tries ahead of it."""
    daemon.request("retry_dead_letter", id=message_id)
    click.echo(f"message #{message_id} is offered again")


@dead.command()
@id_argument
@with_daemon
def drop(daemon: DaemonClient, message_id: int) -> None:
    """Give a dead letter up. The message stays readable for as long as other mail does."""
    daemon.request("drop_dead_letter", id=message_id)
    click.echo(f"dropped message #{message_id}")


def _find(daemon: DaemonClient, message_id: int) -> dict[str, Any]:
    """The dead letter with this id: the newest below the next id."""
    rows = daemon.request("dead_letters", limit=1, before=message_id + 1)["dead_letters"]
    if rows and rows[0]["id"] == message_id:
        row: dict[str, Any] = rows[0]
        return row
    raise not_found(f"dead letter #{message_id}", "`hive dead list` shows them")
