"""The log of one agent: the last lines, and those that come."""

import click

from actors.cli import output
from actors.cli.client import HostClient
from actors.cli.flags import agent_argument, json_flag, with_host
from harness.wire.limits import DEFAULT_LOG_LINES, MAX_LOG_LINES


@click.command()
@agent_argument
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(1, MAX_LOG_LINES),
    default=DEFAULT_LOG_LINES,
    show_default=True,
    help="How many.",
)
@click.option("-f", "--follow", is_flag=True, help="Go on with those that come.")
@json_flag
@with_host
def logs(host: HostClient, name: str, lines: int, *, follow: bool, as_json: bool) -> None:
    """Show the log of an agent.

    With --json a list of lines; with --follow one JSON text a line.
    """
    if not follow:
        past = host.request("journal", name=name, lines=lines)["lines"]
        if as_json:
            output.print_json(past)
        else:
            _print(past, as_json=False)
        return
    # No reply is waited for: the log of an agent that says nothing has no first line either.
    host.send("journal", name=name, lines=lines, follow=True)
    for frame in host.frames():
        _print(frame["lines"], as_json=as_json)


def _print(lines: list[str], *, as_json: bool) -> None:
    for line in lines:
        if as_json:
            output.print_json_line(line)
        else:
            click.echo(output.plain(line))
