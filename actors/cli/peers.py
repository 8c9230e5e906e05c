"""Peers: sessions outside the hive that have joined its mail."""

import pwd

import click

from actors.cli import output
from actors.cli.client import HostClient
from actors.cli.flags import json_flag, with_host
from harness.wire.errors import bad_request

name_argument = click.argument("name")


@click.group()
def peer() -> None:
    """Let outside sessions join the mail, or leave."""


@peer.command()
@name_argument
@click.option(
    "--to",
    "allowed",
    multiple=True,
    metavar="NAME",
    help="Whom it may write to besides the manager; again for more. [default: everybody]",
)
@click.option("--user", metavar="USER", help="Whose the socket is. [default: yours]")
@json_flag
@with_host
def add(host: HostClient, name: str, allowed: tuple[str, ...], user: str | None, *, as_json: bool) -> None:
    """Give an outside Claude session a name and a socket.

    Prints what it needs to join. The hive does not manage its life.
    """
    reply = host.request("add_peer", name=name, allowed_recipients=list(allowed) or None, uid=_uid(user))
    if as_json:
        output.print_json({key: reply[key] for key in ("name", "socket", "snippet", "mcp")})
        return
    click.echo(f"{name} may join. In its own shell:\n")
    click.echo(f"  {output.plain(reply['snippet'])}\n")
    click.echo("or in its .mcp.json:\n")
    output.print_json(reply["mcp"])


@peer.command()
@name_argument
@with_host
def remove(host: HostClient, name: str) -> None:
    """Take a peer's socket and its address back, at once."""
    host.request("remove_peer", name=name)
    click.echo(f"removed {name}")


@peer.command("list")
@json_flag
@with_host
def listing(host: HostClient, *, as_json: bool) -> None:
    """List the peers."""
    rows = host.request("peers")["peers"]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(
        [
            (
                click.style(row["name"], bold=True),
                output.state(row["state"]),
                output.clock(row["created_at"]),
                "everybody" if row["allowed_recipients"] is None else ", ".join(row["allowed_recipients"]) or "manager",
                output.plain(row["socket"]),
            )
            for row in rows
        ],
        ("PEER", "STATE", "SINCE", "WRITES TO", "SOCKET"),
        "Nobody has joined: `hive peer add NAME`.",
    )


def _uid(user: str | None) -> int | None:
    if user is None or user.isdecimal():
        return None if user is None else int(user)
    try:
        return pwd.getpwnam(user).pw_uid
    except KeyError:
        raise bad_request(f"this machine knows no user {user!r}", "give a uid instead") from None
