"""`hive sessions`: the browsers in which the operator is logged in to the dashboard."""

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import PLACES, json_flag, with_config, with_daemon
from actors.daemon_settings import DaemonSettings
from harness.wire.errors import bad_request, not_found


@click.group(invoke_without_command=True)
@json_flag
@with_config(*PLACES)
@click.pass_context
def sessions(context: click.Context, config: DaemonSettings, *, as_json: bool) -> None:
    """List the logins of the dashboard.

    The last opened first. A browser whose session is revoked needs the token again.
    """
    if context.invoked_subcommand is not None:
        return
    with DaemonClient(config.host_socket) as daemon:
        rows = daemon.request("sessions")["sessions"]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [
            (
                str(row["id"]),
                output.clock(row["opened_at"]),
                output.clock(row["seen_at"]),
                output.clock(row["ends_at"]),
                output.plain(row["address"]),
                output.plain(row["user_agent"]),
            )
            for row in rows
        ],
        ("SESSION", "LOGGED IN", "LAST SEEN", "ENDS", "ADDRESS", "BROWSER"),
        "No browser is logged in.",
    )


@sessions.command()
@click.argument("numbers", metavar="ID...", type=click.IntRange(min=1), nargs=-1)
@click.option("--all", "every", is_flag=True, help="End every session.")
@with_daemon
def revoke(daemon: DaemonClient, numbers: tuple[int, ...], *, every: bool) -> None:
    """End sessions at once: their browsers need the token again.

    All of them or, where one does not exist, none.
    """
    if not numbers and not every:
        raise bad_request("expected the number of a session, or --all", "`hive sessions` lists them")
    existing = [row["id"] for row in daemon.request("sessions")["sessions"]]
    unknown = [str(number) for number in numbers if number not in existing]
    if unknown:
        raise not_found(f"session {', '.join(unknown)}", "nothing was ended: `hive sessions` lists them")
    for number in existing if every else dict.fromkeys(numbers):
        daemon.request("end_session", id=number)
        click.echo(f"ended session {number}")
