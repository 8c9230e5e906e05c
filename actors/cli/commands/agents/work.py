"""What an agent does next: pause, resume, wake it; cancel its turn; compact, replace or change its session."""

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


@click.command()
@agent_argument
@with_daemon
def cancel(daemon: DaemonClient, name: str) -> None:
    """Cancel the running turn of an agent, or its wait for the next try.

    The messages of the turn are done: they are not offered again.
    """
    _control(daemon, name, "cancel")
    click.echo(f"asked {name} to cancel; `hive turns {name}` says whether there was a turn")


@click.command()
@agent_argument
@with_daemon
def compact(daemon: DaemonClient, name: str) -> None:
    """Have an agent summarise its context and go on with the summary."""
    _control(daemon, name, "compact")
    click.echo(f"{name} compacts its context")


@click.command("new-session")
@agent_argument
@with_daemon
def new_session(daemon: DaemonClient, name: str) -> None:
    """Have an agent forget its context.

    Its notes and its state stay; its next turn begins with them.
    """
    _control(daemon, name, "new_session")
    click.echo(f"{name} begins a new session")


@click.command()
@agent_argument
@click.argument("model", required=False)
@with_daemon
def model(daemon: DaemonClient, name: str, model: str | None) -> None:
    """Give an agent another model, from its next turn on.

    The choice is kept over restarts. Without MODEL the agent goes back to the model of its configuration.
    """
    _control(daemon, name, "model", model)
    click.echo(f"{name} uses {model or 'the model of its configuration'} from its next turn on")


def _control(daemon: DaemonClient, name: str, action: str, value: str | None = None) -> None:
    daemon.request("agent_control", name=name, action=action, value=value)
