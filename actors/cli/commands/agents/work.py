"""What an agent does next: pause it, let it go on, wake it."""

import click

from actors.cli.client import DaemonClient
from actors.cli.options import agent_argument, with_daemon


@click.command()
@agent_argument
@with_daemon
def pause(daemon: DaemonClient, name: str) -> None:
    """Keep an agent from starting another turn.

    The running turn may end, but sends no mail. Messages to it wait. A restart does not end the pause.
    """
    daemon.request("set_paused", name=name, paused=True)
    click.echo(f"paused {name}")


@click.command()
@agent_argument
@with_daemon
def resume(daemon: DaemonClient, name: str) -> None:
    """Let a paused agent take mail again."""
    daemon.request("set_paused", name=name, paused=False)
    click.echo(f"resumed {name}")


@click.command()
@agent_argument
@with_daemon
def kick(daemon: DaemonClient, name: str) -> None:
    """Wake an agent with a message from the system."""
    daemon.request("kick", name=name)
    click.echo(f"kicked {name}")
