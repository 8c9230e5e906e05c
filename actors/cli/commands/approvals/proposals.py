"""Proposing: a new agent, or a destroyed one again."""

import click

from actors.cli.client import DaemonClient
from actors.cli.options import agent_argument, with_daemon


@click.command("request-spawn")
@agent_argument
@click.option("--description", metavar="TEXT", help="What the agent is for.")
@with_daemon
def request_spawn(daemon: DaemonClient, name: str, description: str | None) -> None:
    """Propose a new agent, as the manager would.

    The proposal holds its first configuration and waits for a decision; `hive spawn` creates an agent at once.
    """
    reply = daemon.request("request_spawn", name=name, description=description)
    click.echo(f"waits as #{reply['approval_id']}: `hive approve {reply['approval_id']}`")


@click.command()
@agent_argument
@with_daemon
def revive(daemon: DaemonClient, name: str) -> None:
    """Propose a destroyed agent again, with its kept state."""
    reply = daemon.request("revive", name=name)
    click.echo(f"waits as #{reply['approval_id']}: `hive approve {reply['approval_id']}`")
