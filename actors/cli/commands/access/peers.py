"""`hive peer`: sessions outside the hive that take part in its mail."""

import pwd

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.options import json_flag, with_daemon
from harness.wire.errors import bad_request

name_argument = click.argument("name")


@click.group()
def peer() -> None:
    """Manage peers: outside sessions that take part in the mail."""


@peer.command()
@name_argument
@click.option(
    "--to",
    "allowed",
    multiple=True,
    metavar="NAME",
    help="Allow it to write to NAME besides the manager; repeatable. [default: all agents]",
)
@click.option("--user", metavar="USER", help="The owner of the socket. [default: you]")
@json_flag
@with_daemon
def add(daemon: DaemonClient, name: str, allowed: tuple[str, ...], user: str | None, *, as_json: bool) -> None:
    """Give an outside Claude session a name and a socket.

    Prints the command with which it joins. The hive neither starts nor stops it.
    """
    reply = daemon.request("add_peer", name=name, allowed_recipients=list(allowed) or None, uid=_uid(user))
    if as_json:
        output.print_json({key: reply[key] for key in ("name", "socket", "snippet", "mcp")})
        return
    click.echo(f"{name} may join. In its own shell:\n")
    click.echo(f"  {output.plain(reply['snippet'])}\n")
    click.echo("or in its .mcp.json:\n")
    output.print_json(reply["mcp"])


@peer.command()
@name_argument
@with_daemon
def remove(daemon: DaemonClient, name: str) -> None:
    """Remove a peer: its socket and its address are gone at once."""
    daemon.request("remove_peer", name=name)
    click.echo(f"removed {name}")


@peer.command("list")
@json_flag
@with_daemon
def listing(daemon: DaemonClient, *, as_json: bool) -> None:
    """List the peers."""
    rows = daemon.request("peers")["peers"]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [
            (
                click.style(row["name"], bold=True),
                output.state(row["state"]),
                output.clock(row["created_at"]),
                "all agents"
                if row["allowed_recipients"] is None
                else ", ".join(row["allowed_recipients"]) or "manager",
                output.plain(row["socket"]),
            )
            for row in rows
        ],
        ("PEER", "STATE", "SINCE", "WRITES TO", "SOCKET"),
        "There are no peers yet: `hive peer add NAME`.",
    )


def _uid(user: str | None) -> int | None:
    if user is None or user.isdecimal():
        return None if user is None else int(user)
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise bad_request(f"this machine has no user {user!r}", "give a uid instead") from None
