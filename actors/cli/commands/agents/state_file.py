"""`hive state-file`: a file that an agent left in its state for everybody to read."""

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import agent_argument, json_flag, with_daemon


@click.command("state-file")
@agent_argument
@click.argument("path")
@json_flag
@with_daemon
def state_file(daemon: DaemonClient, name: str, path: str, *, as_json: bool) -> None:
    """Show a file that an agent left in its state for everybody to read.

    PATH is relative to the state folder. No link is followed to it.
    """
    text = daemon.request("state_file", agent=name, rel_path=path)["text"]
    if as_json:
        output.print_json({"text": text})
    else:
        click.echo(output.plain(text), nl=False)
