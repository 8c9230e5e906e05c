"""`hive turns`: the turn log of an agent as text, what there is of it and what comes."""

from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import PLACES, agent_argument, count_option, json_flag, with_config
from actors.cli.turn_text import as_text
from actors.daemon_settings import DaemonSettings


@click.command()
@agent_argument
@count_option(200, "events")
@click.option("-f", "--follow", is_flag=True, help="Go on with new events.")
@json_flag
@with_config(*PLACES)
def turns(config: DaemonSettings, name: str, limit: int, *, follow: bool, as_json: bool) -> None:
    """Show the turn log of an agent: what woke it, what it says and calls, how each turn ends.

    With --json, prints a list of events; with --follow too, one event per line.
    """
    with DaemonClient(config.host_socket) as daemon:
        if not follow:
            past = daemon.newest("live_history", "rows", limit, agent=name)
            if as_json:
                output.print_json(past)
            elif not past:
                click.echo(f"{name} has had no turn yet.")
            for record in [] if as_json else past:
                click.echo(as_text(record), nl=False)
            return
        from harness.wire.names import broker_name

        agent = broker_name(name)
        # Subscribed before the past is read, so that no event falls between the two; duplicates have known ids.
        daemon.request("events")
        with DaemonClient(config.host_socket) as reader:
            past = reader.newest("live_history", "rows", limit, agent=name)
        newest = max((record["id"] for record in past), default=-1)
        for record in past:
            _print(record, as_json=as_json)
        for line in daemon.frames():
            if line["kind"] == "live" and line["data"]["agent"] == agent and line["data"]["id"] > newest:
                _print(line["data"], as_json=as_json)


def _print(record: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.print_json_line(record)
    else:
        click.echo(as_text(record), nl=False)
