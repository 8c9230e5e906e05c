"""`hive turns`: the turn log of an agent as text, what there is of it and what comes."""

from typing import Any

import click

from actors.cli import output, turn_pages
from actors.cli.client import DaemonClient
from actors.cli.options import PLACES, agent_argument, count_option, json_flag, with_config
from actors.cli.turn_text import as_text
from actors.daemon_settings import DaemonSettings


@click.command()
@agent_argument
@count_option(200, "events")
@click.option("--at", metavar="TIME", help="Begin at a day, a time (UTC) or an age such as 90m, 3h, 2d.")
@click.option("--only", type=click.Choice(["errors", "tools", "mail"]), help="Show only what belongs to this.")
@click.option("-f", "--follow", is_flag=True, help="Go on with new events.")
@json_flag
@with_config(*PLACES)
def turns(
    config: DaemonSettings, name: str, limit: int, *, at: str | None, only: str | None, follow: bool, as_json: bool
) -> None:
    """Show the turn log of an agent: what woke it, what it says and calls, how each turn ends and what it cost.

    Events are kept for a week, the figures of each turn for ninety days. With --json, prints a list of events, of which
    those of the kind `turn` have the figures of a turn; with --follow one event per line, without such figures.
    """
    if follow and (at or only):
        raise click.UsageError("--follow goes on from now, with everything: it cannot be combined with --at and --only")
    with DaemonClient(config.host_socket) as daemon:
        if follow:
            _follow(daemon, config, name, limit, as_json=as_json)
            return
        query = {"agent": name, "only": only}
        past = (
            turn_pages.since(daemon, limit, _moment(at), **query) if at else turn_pages.newest(daemon, limit, **query)
        )
        if as_json:
            output.print_json(past)
        elif not past:
            click.echo(f"{name} has had no turn {'of this kind ' if only else ''}{'since then' if at else 'yet'}.")
        for record in [] if as_json else past:
            click.echo(as_text(record), nl=False)


def _follow(daemon: DaemonClient, config: DaemonSettings, name: str, limit: int, *, as_json: bool) -> None:
    from harness.wire.names import broker_name

    agent = broker_name(name)
    # Subscribed before the past is read, so that no event falls between the two; duplicates have known ids.
    daemon.request("events")
    with DaemonClient(config.host_socket) as reader:
        past = turn_pages.newest(reader, limit, agent=name)
    newest = max((record["id"] for record in past), default=-1)
    for record in past:
        if not (as_json and record["event"].get("kind") == "turn"):
            _print(record, as_json=as_json)
    for line in daemon.frames():
        if line["data"].get("agent") != agent:
            continue
        if line["kind"] == "live" and line["data"]["id"] > newest:
            _print(line["data"], as_json=as_json)
        elif line["kind"] == "turn" and not as_json:
            ended = {"at": line["data"]["stats"]["ended_at"], "event": {"kind": "turn", **line["data"]["stats"]}}
            _print(ended, as_json=False)


def _moment(text: str) -> str:
    import time

    from harness.wire.boundary.moments import moment_ms
    from harness.wire.times import from_ms

    try:
        return from_ms(moment_ms(text, time.time_ns() // 1_000_000))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--at") from None


def _print(record: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        output.print_json_line(record)
    else:
        click.echo(as_text(record), nl=False)
