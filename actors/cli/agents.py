"""The agents: what they are doing, and the commands that change it."""

from typing import Any

import click

from actors.cli import output
from actors.cli.client import HostClient
from actors.cli.flags import agent_argument, agents_argument, json_flag, with_host


@click.command()
@json_flag
@with_host
def agents(host: HostClient, *, as_json: bool) -> None:
    """List the agents."""
    rows = host.request("agent_status")["agent_statuses"]
    if as_json:
        output.print_json(rows)
        return
    header = ("AGENT", "ROLE", "STATE", "SINCE", "MODEL", "QUEUE", "LAST TURN", "NOTE")
    output.print_table([_cells(row) for row in rows], header, "There are no agents yet: `hive spawn NAME`.")


@click.command()
@agent_argument
@with_host
def spawn(host: HostClient, name: str) -> None:
    """Create an agent and start it."""
    host.request("spawn", name=name)
    click.echo(f"spawned {name}")


@click.command()
@agents_argument
@with_host
def start(host: HostClient, names: tuple[str, ...]) -> None:
    """Start agents that are stopped or parked."""
    host.request("start", scope={"agent_names": list(names)})
    click.echo(f"started {', '.join(names)}")


@click.command()
@agents_argument
@click.option("--now", is_flag=True, help="Cut a running turn; its messages are offered again later.")
@with_host
def stop(host: HostClient, names: tuple[str, ...], *, now: bool) -> None:
    """Stop agents; they stay stopped.

    A running turn may end first, for as long as grace_seconds says.
    """
    host.request("stop", scope={"agent_names": list(names)}, graceful=not now)
    click.echo(f"stopped {', '.join(names)}")


@click.command()
@agent_argument
@with_host
def restart(host: HostClient, name: str) -> None:
    """Stop an agent and start it again."""
    host.request("restart", name=name)
    click.echo(f"restarted {name}")


@click.command()
@agent_argument
@with_host
def rebuild(host: HostClient, name: str) -> None:
    """Build an agent anew from what is in force.

    Like a restart, and the manager is told of the outcome.
    """
    host.request("rebuild", name=name)
    click.echo(f"rebuilt {name}")


@click.command("rebuild-all")
@with_host
def rebuild_all(host: HostClient) -> None:
    """Build all agents anew, the manager first.

    They stop. The manager starts and, when it is ready, is told who follows; then the others start, a few at a time.
    """
    planned = host.request("rebuild_all")["planned"]
    click.echo(f"rebuilding {', '.join(planned)}" if planned else "nobody is meant to run")


@click.command()
@agent_argument
@with_host
def pause(host: HostClient, name: str) -> None:
    """Let an agent begin no further turn.

    The turn that runs goes on. Messages wait. Survives restarts.
    """
    host.request("set_paused", name=name, paused=True)
    click.echo(f"paused {name}")


@click.command()
@agent_argument
@with_host
def resume(host: HostClient, name: str) -> None:
    """Let a paused agent go on."""
    host.request("set_paused", name=name, paused=False)
    click.echo(f"resumed {name}")


@click.command()
@agent_argument
@with_host
def kick(host: HostClient, name: str) -> None:
    """Wake an agent with a message from the system."""
    host.request("kick", name=name)
    click.echo(f"kicked {name}")


@click.command()
@agent_argument
@click.option("--purge", is_flag=True, help="Delete its notes, configuration and credentials too.")
@click.option("--yes", is_flag=True, help="Do not ask for the name again before a purge.")
@with_host
def destroy(host: HostClient, name: str, *, purge: bool, yes: bool) -> None:
    """Remove an agent; what it knows is kept.

    With --purge nothing of it is kept, and its name is asked for again.
    """
    if purge and not yes and click.prompt(f"Everything of {name} will be deleted. Its name again") != name:
        raise click.UsageError("the names differ: nothing was done")
    host.request("destroy", name=name, purge=purge or None)
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
        output.one_line(row.get("note") or row.get("status_text") or "", 60),
    )
