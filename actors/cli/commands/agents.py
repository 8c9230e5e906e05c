"""The agents: their state, and the commands that change it."""

from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import agent_argument, agents_argument, json_flag, with_daemon
from harness.wire import sizes


@click.command()
@json_flag
@with_daemon
def agents(daemon: DaemonClient, *, as_json: bool) -> None:
    """List the agents."""
    rows = daemon.request("agent_status")["agent_statuses"]
    if as_json:
        output.print_json(rows)
        return
    header = ("AGENT", "ROLE", "STATE", "SINCE", "MODEL", "QUEUE", "LAST TURN", "LIMITS", "NOTE")
    output.print_table([_cells(row) for row in rows], header, "There are no agents yet: `hive spawn NAME`.")


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
@agents_argument
@click.option("--now", is_flag=True, help="Cut off a running turn; its messages are offered again later.")
@with_daemon
def stop(daemon: DaemonClient, names: tuple[str, ...], *, now: bool) -> None:
    """Stop agents; they stay stopped.

    A running turn may end first, within grace_seconds.
    """
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


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    pending = row.get("pending")
    turn = row.get("last_turn") or {}
    return (
        click.style(row["name"], bold=True),
        row["role"],
        output.state(output.plain(row["transient"] or row["state"]))
        + (" (paused)" if row["paused"] and row["state"] != "paused" else ""),
        output.clock(row["since"]) if row.get("since") else "-",
        output.plain(row.get("active_model") or "-"),
        "?" if pending is None else str(pending) + (f"+{row['leased']}" if row.get("leased") else ""),
        f"{turn['outcome']} {turn['duration_ms'] / 1000:.1f}s" if {"outcome", "duration_ms"} <= turn.keys() else "-",
        _limits(row),
        output.one_line(row.get("note") or row.get("status_text") or "", 60),
    )


def _limits(row: dict[str, Any]) -> str:
    """`memory 2G, pids 512, disk 1G/10G`; a limit that this machine does not hold is marked."""
    used = "" if row.get("disk_bytes") is None else f"{sizes.words(row['disk_bytes'])}/"
    loose = row.get("not_enforced") or ()
    return ", ".join(
        f"{name} {used if name == 'disk' else ''}{words}{' (not enforced)' if name in loose else ''}"
        for name, words in (row.get("limits") or {}).items()
    )
