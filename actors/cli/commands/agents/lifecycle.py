"""The life cycle of agents: create, start, stop, rebuild and remove them."""

import contextlib
import threading
from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import agent_argument, agents_argument, optional_agents_argument, with_daemon
from harness.wire.errors import HiveError

HINT_SECONDS = 2.0
HINT = "may end a running turn first, within grace_seconds; the order stands without this command, --now cuts the turn"

now_flag = click.option("--now", is_flag=True, help="Cut off a running turn; its messages are offered again later.")


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
@now_flag
@with_daemon
def stop(daemon: DaemonClient, names: tuple[str, ...], *, everyone: bool, now: bool) -> None:
    """Stop agents; they stay stopped.

    A running turn may end first, within grace_seconds; no new one begins. Before an uninstall: --all.
    """
    if bool(names) == everyone:
        raise click.UsageError("name the agents, or give --all")
    if everyone:
        names = tuple(daemon.request("list")["agents"])
    if not names:
        click.echo("there is no agent")
        return
    _carried_out(daemon, "stop", scope={"agent_names": list(names)}, now=now)
    click.echo(f"stopped {', '.join(names)}")


@click.command()
@agent_argument
@now_flag
@with_daemon
def restart(daemon: DaemonClient, name: str, *, now: bool) -> None:
    """Stop an agent and start it again.

    A running turn may end first, within grace_seconds; no new one begins.
    """
    _carried_out(daemon, "restart", name=name, now=now)
    click.echo(f"restarted {name}")


@click.command()
@agent_argument
@now_flag
@with_daemon
def rebuild(daemon: DaemonClient, name: str, *, now: bool) -> None:
    """Rebuild an agent from the configuration in force.

    A restart whose outcome the manager is told. A running turn may end first, within grace_seconds; no new one begins.
    """
    _carried_out(daemon, "rebuild", name=name, now=now)
    click.echo(f"rebuilt {name}")


@click.command("rebuild-all")
@now_flag
@with_daemon
def rebuild_all(daemon: DaemonClient, *, now: bool) -> None:
    """Rebuild all agents, the manager first.

    All of them stop. The manager starts and, once it is ready, is told which agents follow; then the others start, a
    few at a time. A turn of the manager may end before all this, and an agent in a turn is rebuilt after it, each
    within grace_seconds.
    """
    planned = daemon.request("rebuild_all", now=now)["planned"]
    click.echo(f"rebuilding {', '.join(planned)}" if planned else "no agent is meant to run")


@click.command()
@agent_argument
@click.option("--purge", is_flag=True, help="Delete its state, configuration and credentials too.")
@click.option("--yes", is_flag=True, help="Purge without asking for the name again.")
@now_flag
@with_daemon
def destroy(daemon: DaemonClient, name: str, *, purge: bool, yes: bool, now: bool) -> None:
    """Remove an agent; its state, configuration and credentials are kept.

    With --purge they are deleted too, after the name was typed again. A running turn may end first, within
    grace_seconds.
    """
    if purge and not yes and click.prompt(f"Everything of {name} will be deleted. Type its name to confirm") != name:
        raise click.UsageError("the names differ: nothing was deleted")
    _carried_out(daemon, "destroy", name=name, purge=purge or None, now=now)
    click.echo(f"{'purged' if purge else 'destroyed'} {name}")


def _carried_out(daemon: DaemonClient, cmd: str, *, now: bool, **arguments: Any) -> None:
    """Give an order and wait until it was carried out, for as long as the daemon waits for the turns.

    After a while it is said what is waited for.
    """
    hint = threading.Timer(HINT_SECONDS, lambda: _say_what_is_waited_for(daemon))
    hint.daemon = True
    if not now:
        hint.start()
    try:
        daemon.send(cmd, now=now, **arguments)
        next(daemon.frames())
    finally:
        hint.cancel()


def _say_what_is_waited_for(daemon: DaemonClient) -> None:
    """Say so where an agent is waited for because it is in a turn. That cannot be told is no trouble."""
    with contextlib.suppress(HiveError), daemon.another() as other:
        rows = other.request("agent_status")["agent_statuses"]
        if waits := [output.plain(row["name"]) for row in rows if row.get("waits_until")]:
            click.echo(f"{', '.join(waits)} {HINT}", err=True)
