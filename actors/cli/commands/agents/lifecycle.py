"""The life cycle of agents: create, start, stop, rebuild and remove them."""

import click

from actors.cli.client import DaemonClient
from actors.cli.options import agent_argument, agents_argument, optional_agents_argument, with_daemon


@click.command()
@agent_argument
@with_daemon
def spawn(daemon: DaemonClient, name: str) -> None:
    """Create an agent and start it."""
    daemon.request("spawn", name=name)
    click.echo(f"spawned {name}")


@click.command()
@agents_argument
@with_daemon
def start(daemon: DaemonClient, names: tuple[str, ...]) -> None:
    """Start agents that are stopped or parked."""
    daemon.request("start", scope={"agent_names": list(names)})
    click.echo(f"started {', '.join(names)}")


@click.command()
@optional_agents_argument
@click.option("--all", "everyone", is_flag=True, help="Stop every agent, the manager included.")
@click.option("--now", is_flag=True, help="Cut off a running turn; its messages are offered again later.")
@with_daemon
def stop(daemon: DaemonClient, names: tuple[str, ...], *, everyone: bool, now: bool) -> None:
    """Stop agents; they stay stopped.

    A running turn may end first, within grace_seconds. Before an uninstall: --all.
    """
    if bool(names) == everyone:
        raise click.UsageError("name the agents, or give --all")
    if everyone:
        names = tuple(daemon.request("list")["agents"])
    if not names:
        click.echo("there is no agent")
        return
    daemon.request("stop", scope={"agent_names": list(names)}, graceful=not now)
    click.echo(f"stopped {', '.join(names)}")


@click.command()
@agent_argument
@with_daemon
def restart(daemon: DaemonClient, name: str) -> None:
    """Stop an agent and start it again."""
    daemon.request("restart", name=name)
    click.echo(f"restarted {name}")


@click.command()
@agent_argument
@with_daemon
def rebuild(daemon: DaemonClient, name: str) -> None:
    """Rebuild an agent from the configuration in force.

    A restart whose outcome the manager is told.
    """
    daemon.request("rebuild", name=name)
    click.echo(f"rebuilt {name}")


@click.command("rebuild-all")
@with_daemon
def rebuild_all(daemon: DaemonClient) -> None:
    """Rebuild all agents, the manager first.

    All of them stop. The manager starts and, once it is ready, is told which agents follow; then the others start, a
    few at a time.
    """
    planned = daemon.request("rebuild_all")["planned"]
    click.echo(f"rebuilding {', '.join(planned)}" if planned else "no agent is meant to run")


@click.command()
@agent_argument
@click.option("--purge", is_flag=True, help="Delete its state, configuration and credentials too.")
@click.option("--yes", is_flag=True, help="Purge without asking for the name again.")
@with_daemon
def destroy(daemon: DaemonClient, name: str, *, purge: bool, yes: bool) -> None:
    """Remove an agent; its state, configuration and credentials are kept.

    With --purge they are deleted too, after the name was typed again.
    """
    if purge and not yes and click.prompt(f"Everything of {name} will be deleted. Type its name to confirm") != name:
        raise click.UsageError("the names differ: nothing was deleted")
    daemon.request("destroy", name=name, purge=purge or None)
    click.echo(f"{'purged' if purge else 'destroyed'} {name}")
