"""`hive needs`: what needs the operator, as N33DS Y0U shows it, each with the command that settles it."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import PLACES, json_flag, with_config, with_daemon
from actors.daemon_settings import DaemonSettings

_COLOURS = {
    "unreadable": "red", "suspended": "red", "failed": "red", "parked": "red", "stuck": "red", "failing": "red",
    "dead letter": "red", "needs login": "yellow", "login ends": "yellow", "question": "cyan", "approval": "cyan",
    "degraded": "yellow", "paused": "yellow", "limited": "yellow",
}  # fmt: skip


@click.group(invoke_without_command=True)
@json_flag
@with_config(*PLACES)
@click.pass_context
def needs(context: click.Context, config: DaemonSettings, *, as_json: bool) -> None:
    """List what needs you, most urgent first, each with the command that settles it.

    It is the list N33DS Y0U of the dashboard. Exits with 1 when something needs you or a part could not be read.
    """
    if context.invoked_subcommand is not None:
        return
    with DaemonClient(config.host_socket) as daemon:
        reply = daemon.request("needs")
    found, failed, snoozed = reply["needs"], reply["failed"], reply["snoozed"]
    if as_json:
        output.print_json({"needs": found, "failed": failed, "snoozed": snoozed})
        sys.exit(1 if found or failed else 0)
    for one in failed:
        hint = f" ({output.one_line(one['hint'], 100)})" if one["hint"] else ""
        click.secho(f"{one['name']} could not be read: {output.one_line(one['error'], 160)}{hint}", fg="red", err=True)
    rows = [
        (
            click.style(word := one["word"] or one["kind"], fg=_COLOURS.get(word)),
            output.one_line(one["agent"], 24),
            output.clock(one["since"]) if one["since"] else "-",
            output.one_line(one["command"], 72),
            output.one_line(one["key"], 40),
            output.one_line(output.why(one["why"]) if one["why"] else one["sentence"], 160),
        )
        for one in found
    ]
    if rows or not failed:
        output.print_table(rows, ("WHY", "WHO", "SINCE", "COMMAND", "KEY", "ABOUT"), "Nothing needs you.")
    if snoozed:
        click.secho(f"{len(snoozed)} put off: {', '.join(map(_put_off, snoozed))}", dim=True)
    sys.exit(1 if found or failed else 0)


def _put_off(one: dict[str, Any]) -> str:
    until = one["snoozed_until"]
    return f"{output.one_line(one['key'], 40)} {f'until {output.clock(until)}' if until else 'until it changes'}"


@needs.command()
@click.argument("key")
@click.option("--minutes", type=click.IntRange(1), help="Put it off for so many minutes.")
@with_daemon
def snooze(daemon: DaemonClient, key: str, minutes: int | None) -> None:
    """Put an item off: for a time, or until it changes.

    KEY stands in the list. An item that changes is shown again, whatever the time.
    """
    until = None if minutes is None else (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()
    daemon.request("snooze_need", key=key, **({"until": until} if until else {}))
    click.echo(f"{key} is put off until {output.clock(until) if until else 'it changes'}")


@needs.command()
@click.argument("key")
@with_daemon
def wake(daemon: DaemonClient, key: str) -> None:
    """Show an item again that is put off."""
    daemon.request("wake_need", key=key)
    click.echo(f"{key} is shown again")


@needs.command()
@click.argument("key")
@click.argument("words", nargs=-1)
@with_daemon
def delegate(daemon: DaemonClient, key: str, words: tuple[str, ...]) -> None:
    """Write the facts of an item to the manager, after your own WORDS, and put it off until it changes."""
    reply = daemon.request("delegate_need", key=key, **({"note": " ".join(words)} if words else {}))
    click.echo(f"message {reply['id']} to the manager; {key} is put off until it changes")
