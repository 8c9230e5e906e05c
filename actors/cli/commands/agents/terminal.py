"""`hive terminal`: shells inside containers, and their recordings."""

from collections.abc import Iterator

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import PLACES, agent_argument, complete_agents, json_flag, with_config, with_daemon
from actors.daemon_settings import DaemonSettings

id_argument = click.argument("terminal_id", metavar="ID")


@click.group()
def terminal() -> None:
    """Open a shell in an agent's container, and play recordings of such shells."""


@terminal.command("open")
@agent_argument
@with_config(*PLACES)
def open_(config: DaemonSettings, name: str) -> None:
    """Open a shell in the container of an agent.

    The shell has no more rights than the agent. What it shows is recorded, and the decision log says who opened it.
    Ctrl-] leaves the shell open; `hive terminal attach` comes back to it.
    """
    from actors.cli.terminal import screen_size, watch

    columns, rows = screen_size()
    with DaemonClient(config.host_socket) as daemon:
        opened = daemon.request("open_terminal", agent=name, columns=columns, rows=rows)["terminal"]
    watch(config.host_socket, opened["id"])


@terminal.command()
@id_argument
@with_config(*PLACES)
def attach(config: DaemonSettings, terminal_id: str) -> None:
    """Come back to an open terminal, from anywhere; several may watch and type at once. Ctrl-] leaves it open."""
    from actors.cli.terminal import watch

    watch(config.host_socket, terminal_id)


@terminal.command()
@id_argument
@with_daemon
def close(daemon: DaemonClient, terminal_id: str) -> None:
    """End an open terminal and what runs in its foreground. Its recording stays."""
    daemon.request("close_terminal", id=terminal_id)
    click.echo(f"closed {output.plain(terminal_id)}")


@terminal.command("list")
@click.argument("name", required=False, shell_complete=complete_agents)
@json_flag
@with_daemon
def listing(daemon: DaemonClient, name: str | None, *, as_json: bool) -> None:
    """List open terminals and recordings, the last opened first; of one agent, or of all."""
    rows = daemon.request("terminals", agent=name)["terminals"]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [
            (
                row["id"],
                output.plain(row["agent"]),
                output.clock(row["opened_at"]),
                output.plain(row["opened_by"]),
                f"open, {row['viewers']} watching" if row["open"] else "ended",
                f"{row['bytes'] // 1024 + 1} kB",
            )
            for row in rows
        ],
        ("ID", "AGENT", "OPENED", "BY", "STATE", "RECORDED"),
        "No terminal was opened yet.",
    )


@terminal.command()
@id_argument
@click.option("--speed", type=click.FloatRange(0.1, 100.0), default=1.0, show_default=True, help="How much faster.")
@click.option("--idle", type=click.FloatRange(0.0), default=2.0, show_default=True, help="The longest pause, seconds.")
@with_daemon
def play(daemon: DaemonClient, terminal_id: str, speed: float, idle: float) -> None:
    """Play the recording of a terminal in this one. Ctrl-C ends it."""
    from actors.cli.terminal import play_recording

    play_recording(_pieces(daemon, terminal_id), speed=speed, idle=idle)


@terminal.command()
@id_argument
@with_daemon
def export(daemon: DaemonClient, terminal_id: str) -> None:
    """Print the recording of a terminal as it is kept: asciicast version 2."""
    for piece in _pieces(daemon, terminal_id):
        click.echo(piece, nl=False)


def _pieces(daemon: DaemonClient, terminal_id: str) -> Iterator[str]:
    """The recording, piece by piece."""
    offset: int | None = 0
    while offset is not None:
        reply = daemon.request("terminal_recording", id=terminal_id, offset=offset)
        yield reply["text"]
        offset = reply["next"]
