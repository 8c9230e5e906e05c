"""`hive logs`: the last lines of one agent's log, and the new ones."""

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import agent_argument, json_flag, with_daemon
from harness.wire.limits import DEFAULT_LOG_LINES, MAX_LOG_LINES


@click.command()
@agent_argument
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(1, MAX_LOG_LINES),
    default=DEFAULT_LOG_LINES,
    show_default=True,
    help="How many lines.",
)
@click.option("-f", "--follow", is_flag=True, help="Go on with new lines.")
@json_flag
@with_daemon
def logs(daemon: DaemonClient, name: str, lines: int, *, follow: bool, as_json: bool) -> None:
    """Show the log of an agent.

    With --json, prints a list of lines; with --follow too, one JSON string per line.
    """
    if not follow:
        past = daemon.request("journal", name=name, lines=lines)["lines"]
        if as_json:
            output.print_json(past)
        else:
            _print(past, as_json=False)
        return
    # No reply is awaited: the stream of an empty log has no first frame.
    daemon.send("journal", name=name, lines=lines, follow=True)
    for frame in daemon.frames():
        _print(frame["lines"], as_json=as_json)


def _print(lines: list[str], *, as_json: bool) -> None:
    for line in lines:
        if as_json:
            output.print_json_line(line)
        else:
            click.echo(output.plain(line))
